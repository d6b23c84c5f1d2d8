"""Runs a command's coroutine so that both ways to be stopped, Ctrl-C and SIGTERM, end it in order."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

TERMINATED = 143
"""The exit code of a command that SIGTERM ended, by the shells' convention 128 + SIGTERM."""


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or until a signal cancels it and its clean-up is done: KeyboardInterrupt, or SystemExit."""
    return asyncio.run(_until_terminated(main))


async def _until_terminated(main: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(main)
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await task
    except asyncio.CancelledError:
        if terminated:
            raise SystemExit(TERMINATED) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
