"""Keys that upstream does not have. They stand under `pulsemill:`, which a Java worker ignores."""

import attrs

from pulsemill.config.keys import key


@attrs.frozen(kw_only=True)
class OwnKeys:
    """Limits and places of this worker alone."""

    max_package_bytes: int = key(
        512 * 1024**2, "Largest package that may be uploaded or downloaded, in bytes.", read_by="pulsemill.packages"
    )
    packages_directory: str = key(
        "data/packages", "Where the worker stores uploaded packages.", read_by="pulsemill.packages"
    )
    package_download_timeout_seconds: float = key(
        60.0, "Seconds until the download of a package from a URL is given up.", read_by="pulsemill.packages"
    )
    restart_backoff_initial_seconds: float = key(
        1.0,
        "Seconds before a dead instance is started again for the first time; doubled each time after that.",
        read_by="pulsemill.worker",
    )
    restart_backoff_max_seconds: float = key(
        60.0, "Most seconds between two starts of a dead instance.", read_by="pulsemill.worker"
    )
    restart_backoff_reset_seconds: float = key(
        120.0,
        "An instance that lived this many seconds starts again without having to wait longer than the first time.",
        read_by="pulsemill.worker",
    )
