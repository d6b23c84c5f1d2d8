"""Shows what instances write into their log files."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import attrs

POLL_SECONDS = 0.2
SUFFIXES = (".log", ".out")
"""An instance's own log, and what else it wrote to its standard streams."""


@attrs.define
class LogFollower:
    """Gives every whole line that is added to the files of a folder, at any depth, to `show`."""

    folder: Path
    show: Callable[[str], None]
    _positions: dict[Path, int] = attrs.field(factory=dict, init=False)

    async def follow(self) -> None:
        """Look again and again, until cancelled; OSError when nobody can be shown anything."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(POLL_SECONDS)

    def look(self) -> None:
        """Show what was added since the last look."""
        for path in sorted(self.folder.rglob("*")):
            if path.suffix in SUFFIXES:
                with contextlib.suppress(FileNotFoundError):  # rotated away meanwhile
                    self._show_added(path)

    def look_last(self) -> None:
        """Show the rest, if there is still somebody to see it."""
        with contextlib.suppress(OSError):
            self.look()

    def _show_added(self, path: Path) -> None:
        position = self._positions.get(path, 0)
        with path.open("rb") as file:
            if file.seek(0, 2) < position:
                position = 0
            file.seek(position)
            added, newline, _ = file.read().rpartition(b"\n")
        self._positions[path] = position + len(added) + len(newline)
        for line in added.decode(errors="replace").splitlines():
            self.show(line)
