"""Opening zip archives that come from outside."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

MAX_DIRECTORY_BYTES = 2**24


@contextmanager
def open_zip(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """A zip archive whose central directory is not too large to be parsed; LargeZipFile otherwise."""
    with zipfile.ZipFile(_Bounded(file)) as archive:
        yield archive


class _Bounded:
    """A file whose central directory is refused before it is parsed: zipfile reads it at once, by its declared size."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1, /) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            allowed = f"at most {MAX_DIRECTORY_BYTES} are allowed; put fewer files in"
            raise zipfile.LargeZipFile(f"its central directory takes {size} bytes, {allowed}")
        return self._file.read(size)
