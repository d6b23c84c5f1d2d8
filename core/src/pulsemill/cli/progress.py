"""A progress bar on standard error while a big package is uploaded, for people only."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from pulsemill.admin.components import open_plainly

BIG = 1024 * 1024
"""Bytes from which an upload takes long enough to be worth showing."""


class ReportingFile(io.FileIO):
    """A file that tells how far it was read; a redirected upload that reads it anew starts over."""

    def __init__(self, path: Path, report: Callable[[int], None], closed: Callable[[], None]) -> None:
        super().__init__(path)
        self._report = report
        self._closed = closed

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and report the position."""
        data = super().read(-1 if size is None else size)
        self._report(self.tell())
        return data

    def close(self) -> None:
        """Close and end the display."""
        if not self.closed:
            super().close()
            self._closed()


def open_with_progress(path: Path) -> IO[bytes]:
    """Open a file for an upload, showing a bar when it is big and somebody watches."""
    size = path.stat().st_size
    return _with_bar(path, size) if size >= BIG and sys.stderr.isatty() else open_plainly(path)


def _with_bar(path: Path, size: int) -> IO[bytes]:
    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()]
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task(f"uploading {path.name}", total=size)
    progress.start()
    return ReportingFile(path, lambda position: progress.update(task, completed=position), progress.stop)
