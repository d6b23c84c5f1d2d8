"""Where a cluster is on this machine: its addresses, folder and control groups, and a lock that gives it to one run.

A machine has a few places; a run takes the first free one, or waits. The lock is a file's, so that it ends with the
process that holds it, however that ends; the next holder removes what it left.
"""

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import attrs

from tests.rig.errors import RigError

FOLDER = Path("/var/lib/pulsemill-rig")
CONTROL_GROUPS = Path("/sys/fs/cgroup")
PLACES = 4
WAIT_SECONDS = 600
REMOVE_SECONDS = 60


@attrs.frozen
class Place:
    """Place number 0, 1, ...

    The pods, the node (their gateway) and the machine outside are on one network: `host` is where pods find servers
    that tests start, `node` is where all find the API server and the cluster's DNS.
    """

    number: int

    @property
    def folder(self) -> Path:
        return FOLDER / f"kubernetes-{self.number}"

    @property
    def network(self) -> str:
        return f"10.88.{self.number}.0/24"

    @property
    def host(self) -> str:
        return f"10.88.{self.number}.1"

    @property
    def node(self) -> str:
        return f"10.88.{self.number}.2"

    @property
    def first_pod(self) -> str:
        return f"10.88.{self.number}.10"

    @property
    def services(self) -> str:
        return f"10.{96 + self.number}.0.0/16"

    @property
    def api_service(self) -> str:
        return f"10.{96 + self.number}.0.1"

    @property
    def dns_service(self) -> str:
        return f"10.{96 + self.number}.0.10"

    @property
    def link(self) -> str:
        """The machine's network interface towards the cluster."""
        return f"pulsemill-k8s-{self.number}"

    @property
    def control_group(self) -> str:
        return f"pulsemill-rig-{self.number}"


@contextmanager
def claimed_place() -> Iterator[Place]:
    """A place that is nobody else's, empty before and after.

    Raises `RigError` if all of them stay taken.
    """
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    place, lock = _first_free()
    with lock:
        _empty(place)
        place.folder.mkdir()
        for group in _control_groups(place):
            group.mkdir()
        try:
            yield place
        finally:
            _empty(place)


def _first_free() -> tuple[Place, IO[bytes]]:
    deadline = time.monotonic() + WAIT_SECONDS
    print_once = iter([f"kubernetes: waiting for one of the {PLACES} clusters of other runs to end"])
    while True:
        for number in range(PLACES):
            lock = (FOLDER / f"kubernetes-{number}.lock").open("wb")
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return Place(number), lock
            lock.close()
        if time.monotonic() > deadline:
            raise RigError(f"all {PLACES} places of {FOLDER} were taken by other runs for {WAIT_SECONDS} s")
        for message in print_once:
            print(message, file=sys.stderr, flush=True)
        time.sleep(1)


def _empty(place: Place) -> None:
    """Remove what is there; programs of a killed run may take a moment to be gone."""
    deadline = time.monotonic() + REMOVE_SECONDS
    while True:
        try:
            for group in _control_groups(place):
                _remove_control_group(group)
            if place.folder.exists():
                shutil.rmtree(place.folder)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _control_groups(place: Place) -> list[Path]:
    """The place's folder in each hierarchy: one under version 2, one for each controller under version 1."""
    if (CONTROL_GROUPS / "cgroup.procs").exists():
        return [CONTROL_GROUPS / place.control_group]
    return [folder.parent / place.control_group for folder in CONTROL_GROUPS.glob("*/cgroup.procs")]


def _remove_control_group(group: Path) -> None:
    for folder, _, _ in os.walk(group, topdown=False):
        for pid in (Path(folder) / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        Path(folder).rmdir()
