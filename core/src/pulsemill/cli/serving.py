"""Runs a worker until it is told to stop."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import click

FORCED: Final = 130
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def serve_until_stopped(worker: AbstractAsyncContextManager[Any], announce: Callable[[], None]) -> None:
    """Start a worker, `announce` it when ready, stop it cleanly on SIGINT or SIGTERM; a second signal ends all."""
    asyncio.run(_serve(worker, announce))


async def _serve(worker: AbstractAsyncContextManager[Any], announce: Callable[[], None]) -> None:
    running = asyncio.create_task(_run(worker, announce), name="worker")
    for stop_signal in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(stop_signal, _stop, running)
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _run(worker: AbstractAsyncContextManager[Any], announce: Callable[[], None]) -> None:
    async with worker:
        announce()
        await asyncio.Event().wait()


def _stop(running: "asyncio.Task[None]") -> None:
    if running.cancelling():
        # Brokers and instances are tied to this process: the kernel ends them with it.
        os._exit(FORCED)
    click.echo("Stopping; press Ctrl-C again to stop at once.", err=True)
    running.cancel()
