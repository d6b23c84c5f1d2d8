"""The state of all functions, for the worker's event loop.

Calls to the store block, so they run in threads of their own: a store that hangs keeps nothing else waiting. The store
is opened by the first call. The threads end with the worker, or when the call that they are in ends.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from pulsemill.names import FunctionName
from pulsemill_instance.state.errors import StateError
from pulsemill_instance.state.store import StateStore, StateTable, open_store
from pulsemill_instance.state.values import StateValue

THREADS: Final = 4
PATIENCE_SECONDS: Final = 10.0

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class WorkerState:
    """Reads, writes and drops state. Raises StateError."""

    def __init__(self, open_it: Callable[[], StateStore]) -> None:
        self._open = open_it
        self._store: StateStore | None = None
        self._opening = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="state")

    @classmethod
    def at(cls, url: str | None) -> "WorkerState | None":
        """The state at a stateStorageServiceUrl, None without one."""
        if not url:
            return None
        # Tables come and go by other workers' hands, so none is remembered.
        return cls(lambda: open_store(url, remember_tables=False, patience_seconds=PATIENCE_SECONDS))

    async def get(self, name: FunctionName, key: str) -> StateValue | None:
        """What a key of a function's state holds."""
        return await self._run(lambda store: store.get(_table(name), key))

    async def put(self, name: FunctionName, key: str, value: bytes) -> None:
        """Store a value under a key of a function's state."""
        await self._run(lambda store: store.put(_table(name), key, value))

    async def drop(self, name: FunctionName) -> None:
        """Forget the state of a function that is deleted; that it cannot be forgotten is logged."""
        try:
            await self._run(lambda store: store.drop(_table(name)))
        except StateError as error:
            logger.warning("the state of the deleted function %s stays stored: %s", name, error)

    async def close(self) -> None:
        """Let go of the store. Calls that still wait for it are cut off."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._store:
            await asyncio.to_thread(self._store.close)

    async def _run(self, call: Callable[[StateStore], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(self._opened()))

    def _opened(self) -> StateStore:
        with self._opening:
            if self._store is None:
                self._store = self._open()
            return self._store


def _table(name: FunctionName) -> StateTable:
    return StateTable(name.tenant, name.namespace, name.name)
