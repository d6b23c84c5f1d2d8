"""Folders that one process owns, and that outlive it at most until the next one comes.

A folder is made beside the package it serves, where whoever deletes the package deletes it too, or in the temporary
directory when that place is read-only. Its owner holds a lock on a file in it; the kernel lets the lock go however the
owner ends, so the next instance of the same package sweeps away what a killed one left.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

import attrs

LOCK = ".lock"
SUFFIX = ".unpacked"


def _prefix(package: Path) -> str:
    return f".{package.name}-"


def _lock(folder: Path, mode: str) -> IO[bytes] | None:
    """The open, locked file of a folder, or None when someone else has it."""
    opened = (folder / LOCK).open(mode)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        opened.close()
        return None
    return opened


def _sweep(parent: Path, prefix: str) -> None:
    """Delete the folders of owners that are gone."""
    for folder in parent.iterdir():
        if not (folder.name.startswith(prefix) and folder.name.endswith(SUFFIX)):
            continue
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            lock = _lock(folder, "rb")
        except OSError:  # just being made or just being deleted by its owner
            continue
        if lock is not None:
            with lock:
                shutil.rmtree(folder, ignore_errors=True)


@attrs.define
class PrivateFolder:
    """A folder of this process alone; `close` deletes it with all that is in it."""

    path: Path
    _lock: IO[bytes]

    @classmethod
    def beside(cls, package: Path) -> "PrivateFolder":
        """A new, empty folder for a package. OSError when there is no place for one."""
        writable = os.access(package.parent, os.W_OK | os.X_OK)
        parent = package.parent if writable else Path(tempfile.gettempdir())
        _sweep(parent, _prefix(package))
        while True:
            path = Path(tempfile.mkdtemp(prefix=_prefix(package), suffix=SUFFIX, dir=parent))
            lock = _lock(path, "xb")
            if lock is not None and path.exists():  # else someone swept it before it was locked
                return cls(path, lock)

    def close(self) -> None:
        """Delete the folder. Idempotent."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()
