"""How tests wait for what somebody else does."""

import asyncio
from collections.abc import Awaitable, Callable

WAIT_SECONDS = 120


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = WAIT_SECONDS) -> None:
    """Ask until a condition holds, at most for `seconds`."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 it is somebody else's
            await asyncio.sleep(0.05)
