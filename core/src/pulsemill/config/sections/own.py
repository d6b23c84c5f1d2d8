"""Keys that upstream does not have. They stand under `pulsemill:`, which a Java worker ignores."""

import attrs

from pulsemill.config.keys import key
from pulsemill.instance_ids import MOST_INSTANCES


@attrs.frozen(kw_only=True)
class OwnKeys:
    """Limits and places of this worker alone."""

    max_package_bytes: int = key(
        512 * 1024**2, "Largest package that may be uploaded or downloaded, in bytes.", read_by="pulsemill.packages"
    )
    max_parallelism: int = key(
        1000, f"Most instances that a function may ask for, up to {MOST_INSTANCES}.", read_by="pulsemill.rest"
    )
    packages_directory: str = key(
        "data/packages",
        "The worker's own folder for packages: those on their way, and copies of those that its instances run.",
        read_by="pulsemill.packages",
    )
    package_storage_url: str = key(
        "",
        "Where packages are kept for all workers: a URL of fsspec (s3://, gs://, file://, ...), one for each cluster; "
        "empty: the broker's packages service or topics of the functions namespace. Needs pulsemill[fsspec].",
        read_by="pulsemill.packages",
        secret=True,
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
    orphan_check_seconds: float = key(
        60.0,
        "Seconds between two looks of the leader for what a worker left that died while it deleted a function: "
        "Kubernetes objects, credentials, state and subscriptions; 0: never.",
        read_by="pulsemill.worker",
    )
