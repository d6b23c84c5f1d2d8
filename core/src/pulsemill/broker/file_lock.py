"""A lock file that names its holder. The kernel frees it when the holder dies, however it dies."""

import fcntl
import os
from pathlib import Path

import attrs


@attrs.define
class FileLock:
    """An exclusive lock on a file whose text is the holder's process id."""

    path: Path
    _fd: int | None = attrs.field(default=None, init=False)

    def acquire(self) -> bool:
        """Take the lock; False when another process (or another lock of this one) has it."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode(), 0)
        self._fd = fd
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def holder(self) -> int | None:
        """The process id that the last holder wrote, None when there was none yet."""
        try:
            return int(self.path.read_text())
        except (OSError, ValueError):
            return None
