"""The processes that a test started, directly or not, found by a mark in their environment. Linux only."""

import os
import time
from pathlib import Path

import attrs

MARK = "PULSEMILL_BENCH_MARK"


@attrs.frozen
class MarkedProcess:
    """A living process of this test."""

    pid: int
    command: str

    @property
    def kind(self) -> str:
        """worker, instance, broker or other."""
        if "pulsar-lite" in self.command:
            return "broker"
        if "pulsemill_instance" in self.command:
            return "instance"
        return "worker" if "standalone" in self.command else "other"


def marked(mark: str) -> list[MarkedProcess]:
    """All living processes whose environment holds MARK=mark."""
    found = (
        _read(Path(entry.path), f"{MARK}={mark}".encode()) for entry in os.scandir("/proc") if entry.name.isdigit()
    )
    return [process for process in found if process]


def of_kind(mark: str, kind: str) -> list[MarkedProcess]:
    """All living marked processes of a kind."""
    return [process for process in marked(mark) if process.kind == kind]


def wait_until_gone(pids: set[int], mark: str, seconds: float) -> list[MarkedProcess]:
    """The marked processes among `pids` that still live after `seconds`, as soon as there are none: empty."""
    deadline = time.monotonic() + seconds
    while True:
        left = [process for process in marked(mark) if process.pid in pids]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.01)


def _read(folder: Path, mark: bytes) -> MarkedProcess | None:
    try:
        if mark not in (folder / "environ").read_bytes().split(b"\0"):
            return None
        if (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return None
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return None
    return MarkedProcess(int(folder.name), command)


def memory(pid: int) -> tuple[int, int]:
    """A process's resident and proportional set sizes in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(rest.split()[0]) * 1024 for name, rest in (line.split(":") for line in lines)}
    return sizes["Rss"], sizes["Pss"]


def cpu_seconds(pid: int) -> float:
    """How long a process has computed so far, which other load on the machine hardly changes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
