"""Ends a broker that outlived its worker: where the kernel could not do it, or has not done it yet."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from typing import Final

from pulsemill.broker.data_directory import DataDirectory, DataDirectoryError
from pulsemill.broker.file_lock import FileLock

PATIENCE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.01

logger = logging.getLogger(__name__)


async def end_leftover(directory: DataDirectory) -> None:
    """Return when no broker uses the directory any more; raise DataDirectoryError when one cannot be ended."""
    lock = FileLock(directory.broker_lock)
    if is_free(lock):
        return
    for stop_signal in (signal.SIGTERM, signal.SIGKILL):
        logger.warning("ending the broker (pid %s) that a worker left behind on %s", lock.holder(), directory.root)
        signal_holder(lock, stop_signal)
        if await becomes_free(lock):
            return
    raise DataDirectoryError(
        f"the broker (pid {lock.holder()}) on data directory {directory.root} does not end; kill it"
    )


def is_free(lock: FileLock) -> bool:
    """Whether nobody holds a lock now."""
    free = lock.acquire()
    lock.release()
    return free


async def becomes_free(lock: FileLock) -> bool:
    """Wait for a lock's holder to let go."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if is_free(lock):
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False


def signal_holder(lock: FileLock, stop_signal: signal.Signals) -> None:
    """Signal the process that holds a lock; while it holds it, its id cannot have become another's."""
    holder = lock.holder()
    if holder is not None and not is_free(lock):
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder, stop_signal)
