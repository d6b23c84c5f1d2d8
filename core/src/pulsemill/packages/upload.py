"""A package on its way in: a temporary file that is measured and hashed while it grows."""

import asyncio
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pulsemill.errors import PackageError
from pulsemill.packages.archive import check_archive, is_archive_name
from pulsemill.packages.errors import PackageTooLargeError
from pulsemill.packages.files import storing

_BUFFER_BYTES = 2**20


class Upload:
    """Written by one task on the event loop; the disk is touched in threads. Always end it with `discard`.

    `original_name` is the user's name of the file, already made safe; `digest` is set by `finish`.
    """

    def __init__(self, file: Path, original_name: str, max_bytes: int) -> None:
        self.file = file
        self.original_name = original_name
        self.max_bytes = max_bytes
        self.size = 0
        self.digest = ""
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        with storing():
            self._out: BinaryIO = file.open("xb")

    async def write(self, chunk: bytes) -> None:
        """Append bytes; raises PackageTooLargeError as soon as the limit is passed."""
        self.size += len(chunk)
        if self.size > self.max_bytes:
            raise PackageTooLargeError(self.max_bytes)
        self._buffer += chunk
        if len(self._buffer) >= _BUFFER_BYTES:
            await asyncio.to_thread(self._flush)

    async def finish(self) -> str:
        """Bring the file safely to disk, check it and return its SHA-256; raises PackageError when it is no good."""
        if not self.size:
            raise PackageError(f"The package {self.original_name!r} is empty")
        await asyncio.to_thread(self._finish)
        return self.digest

    async def read(self) -> bytes:
        """All that was written, for an upload that is no package."""
        return await asyncio.to_thread(self._read)

    async def discard(self) -> None:
        """Drop the temporary file, if it still is one."""
        await asyncio.to_thread(self._discard)

    def _flush(self) -> None:
        self._hash.update(self._buffer)
        with storing():
            self._out.write(self._buffer)
        self._buffer.clear()

    def _read(self) -> bytes:
        self._flush()
        with storing():
            self._out.flush()
            return self.file.read_bytes()

    def _finish(self) -> None:
        self._flush()
        with storing():
            self._out.flush()
            os.fsync(self._out.fileno())
            self._out.close()
        self.digest = self._hash.hexdigest()
        if is_archive_name(self.original_name):
            check_archive(self.file, self.original_name)

    def _discard(self) -> None:
        with suppress(OSError):  # closing writes what a full disk did not take
            self._out.close()
        self.file.unlink(missing_ok=True)
