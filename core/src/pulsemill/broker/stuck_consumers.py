"""Notices that the embedded broker holds on to a dead consumer.

pulsar-lite 0.2 lets go of a consumer whose connection was closed, but not of one whose connection ended in an error, as
it does when a process is killed before it has read all that was sent to it. The dead consumer keeps its messages for
ever; a successor in a process of its own has the same id and is refused at each attempt. Only a restart of the broker
ends that. It logs both events.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

POLL_SECONDS: Final = 0.2

_REFUSED: Final = re.compile(rb"Consumer \d+ already exists")
_LOST: Final = b"Connection error from "


async def wait_for_stuck_consumer(log: Path, since: int) -> None:
    """Return when the log, after `since` bytes, tells of a lost connection and then of a refused consumer."""
    with log.open("rb") as file:
        file.seek(since)
        lost = False
        while True:
            lost, stuck = judge(_whole_lines(file), lost=lost)
            if stuck:
                return
            await asyncio.sleep(POLL_SECONDS)


def judge(lines: Iterable[bytes], *, lost: bool) -> tuple[bool, bool]:
    """Whether a connection was lost so far, and whether a consumer was refused after that.

    A refusal alone is two living processes that share a subscription: no restart would help them.
    """
    for line in lines:
        if _REFUSED.search(line):
            if lost:
                return True, True
        elif _LOST in line:
            lost = True
    return lost, False


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline():
        if not line.endswith(b"\n"):
            file.seek(-len(line), 1)
            return
        yield line
