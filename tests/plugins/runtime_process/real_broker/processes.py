"""Processes as Linux shows them."""

from pathlib import Path

import attrs

PROC = Path("/proc")


@attrs.frozen
class Process:
    """A process by its id."""

    pid: int

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        try:
            return _fields(self.pid)[0] != "Z"
        except OSError:
            return False

    @property
    def command(self) -> list[str]:
        """Program and arguments."""
        return _zero_ended(self.pid, "cmdline")

    @property
    def environment(self) -> dict[str, str]:
        """Its variables at its start."""
        return dict(variable.partition("=")[::2] for variable in _zero_ended(self.pid, "environ"))

    def descendants(self) -> list["Process"]:
        """Its children, theirs, and so on."""
        children: dict[int, list[int]] = {}
        for pid in [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]:
            try:
                children.setdefault(int(_fields(pid)[1]), []).append(pid)
            except OSError:
                continue
        found = [self.pid]
        for pid in found:
            found += children.get(pid, [])
        return [Process(pid) for pid in found[1:]]


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat, those behind the program's name: state, parent, ..."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _zero_ended(pid: int, file: str) -> list[str]:
    try:
        return (PROC / str(pid) / file).read_text(errors="replace").split("\0")[:-1]
    except OSError:
        return []
