"""File operations of the package store that survive a crash. All block: call them in threads."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pulsemill.packages.errors import PackageStorageError


@contextmanager
def storing() -> Iterator[None]:
    """Turn an error of the disk into PackageStorageError."""
    try:
        yield
    except OSError as error:
        raise PackageStorageError(f"This worker cannot store the package: {error.strerror or error}") from error


def replace_durably(source: Path, target: Path) -> None:
    """Move a synced file into place at once and make the move itself durable."""
    with storing():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        sync_directory(target.parent)


def sync_directory(directory: Path) -> None:
    """Make renames within a folder durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_durably(source: Path, target: Path, incoming: Path) -> None:
    """Copy a file into place at once, through a temporary one in a folder of the same disk."""
    temporary = incoming / uuid.uuid4().hex
    try:
        with storing():
            shutil.copyfile(source, temporary)
        replace_durably(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
