"""Runs a command's coroutine so that every way to be stopped (Ctrl-C, SIGTERM, a closed terminal) ends it in order."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

SIGNALLED: Final = 128
"""Added to the signal's number it is the exit code of a command that a signal ended, by the shells' convention."""


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or until a signal cancels it and its clean-up is done: KeyboardInterrupt, or SystemExit."""
    return asyncio.run(_until_signalled(main))


async def _until_signalled(main: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(main)
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise SystemExit(SIGNALLED + received[0]) from None
        raise
