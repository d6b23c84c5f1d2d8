"""The data directory of a standalone worker: its layout, and the lock that keeps two workers out of one directory.

DIR/pulsemill.lock     held by the worker that uses the directory; its text is the worker's process id
DIR/broker/            the embedded broker's messages and subscriptions
DIR/broker.lock        held by the embedded broker itself, so that one that outlived its worker is found
DIR/broker.toml        the embedded broker's settings, written at each start
DIR/packages/          the functions' code, by content
DIR/download/          the code that running instances use: tenant/namespace/name/instance/file
DIR/state/             what functions remember: state.db
DIR/logs/              broker.log and the instances' logs
"""

from pathlib import Path
from typing import Self

import attrs

from pulsemill.broker.file_lock import FileLock
from pulsemill.errors import PulsemillError


class DataDirectoryError(PulsemillError):
    """A data directory cannot be used: it is taken, unwritable or damaged."""


def absolute(path: Path) -> Path:
    """The path whatever the working directory becomes."""
    return path.absolute()


@attrs.define
class DataDirectory:
    """Where a standalone worker keeps everything. A context manager: inside, the directory is ours alone."""

    root: Path = attrs.field(converter=absolute)
    _lock: FileLock = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._lock = FileLock(self.root / "pulsemill.lock")

    @property
    def broker(self) -> Path:
        """The embedded broker's storage."""
        return self.root / "broker"

    @property
    def broker_lock(self) -> Path:
        """What the embedded broker holds while it lives."""
        return self.root / "broker.lock"

    @property
    def broker_settings(self) -> Path:
        """The embedded broker's configuration file."""
        return self.root / "broker.toml"

    @property
    def packages(self) -> Path:
        """The package store."""
        return self.root / "packages"

    @property
    def download(self) -> Path:
        """The code of running instances."""
        return self.root / "download"

    @property
    def state(self) -> Path:
        """What functions remember."""
        return self.root / "state" / "state.db"

    @property
    def logs(self) -> Path:
        """All log files."""
        return self.root / "logs"

    def __enter__(self) -> Self:
        try:
            for folder in (self.root, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            free = self._lock.acquire()
        except OSError as error:
            raise DataDirectoryError(
                f"data directory {self.root} cannot be used: {error.strerror}; name another with --data"
            ) from error
        if not free:
            raise DataDirectoryError(
                f"data directory {self.root} is in use by pid {self._lock.holder()}; stop that worker, or name another "
                "directory with --data"
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
