"""File operations of the package store that survive a crash. All block: call them in threads."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pulsemill.errors import PackageError
from pulsemill.packages.errors import PackageStorageError

_CHUNK_BYTES = 2**20


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


def copy_checked(source: Path, digest: str, target: Path) -> None:
    """Copy a file whose SHA-256 is known; PackageError, and no target, when the content does not match."""
    seen = hashlib.sha256()
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := reader.read(_CHUNK_BYTES):
            seen.update(chunk)
            writer.write(chunk)
    if seen.hexdigest() != digest:
        target.unlink()
        raise PackageError(f"The package {digest} is damaged on this worker's disk; register the function again")
