"""How tests wait for what somebody else does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")

WAIT_SECONDS = 120
LONG_SECONDS = 180
"""For what starts instances."""
SOON_SECONDS = 10
"""For what this process does by itself."""
_ASK_SECONDS = 0.02


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = WAIT_SECONDS) -> None:
    """Ask until a condition holds, at most for `seconds`."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 it is somebody else's
            await asyncio.sleep(_ASK_SECONDS)


async def soon(question: Callable[[], Answer | None], seconds: float = SOON_SECONDS) -> Answer:
    """The first answer that is true; TimeoutError if there is none in time."""
    async with asyncio.timeout(seconds):
        while not (answer := question()):  # noqa: ASYNC110 whoever answers tells nobody
            await asyncio.sleep(_ASK_SECONDS)
        return answer


def until(
    question: Callable[[], Answer | None], explain: Callable[[], object] | None = None, seconds: float = LONG_SECONDS
) -> Answer:
    """The first answer that is true; AssertionError with an explanation, or the last one, if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not come true in {seconds:g} s: {explain() if explain else answer!r}")
        time.sleep(_ASK_SECONDS)
    return answer
