"""An event loop in a thread of its own, for coroutines of the function.

The loop's thread owns the loop and all that runs on it. The methods are called from the engine's thread.
"""

import asyncio
import concurrent.futures
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from pulsemill_instance.call_guard import CallClock
from pulsemill_instance.concurrency.schedules import Slot
from pulsemill_instance.errors import InstanceFatalError

_CLOSE_SECONDS = 1.0
_LOOK_SECONDS = 0.5


class EventLoopThread:
    """Runs coroutines; a blocking one blocks the others, and is left behind at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run_forever, name="event loop", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine and wait for it; raises what it raises, InstanceFatalError when the loop ends before."""
        future = asyncio.run_coroutine_threadsafe(_guarded(coroutine), self._loop)
        while not future.done():
            concurrent.futures.wait([future], _LOOK_SECONDS)
            self.check()
        result, error = future.result()
        if error is not None:
            raise error
        return result

    def check(self) -> None:
        """InstanceFatalError when the loop has ended: a task of the function's own may raise SystemExit."""
        if self._failure is not None:
            raise InstanceFatalError(f"the function's event loop was ended by {self._failure!r}")

    def start(self, coroutines: list[Coroutine[Any, Any, None]]) -> None:
        """Begin to run coroutines that raise nothing."""
        self._loop.call_soon_threadsafe(self._start, coroutines)

    def _run_forever(self) -> None:
        try:
            self._loop.run_forever()
        except BaseException as error:  # noqa: BLE001  # whatever it is, the engine's thread has to know of it
            self._failure = error
            with contextlib.suppress(BaseException):
                self._loop.run_until_complete(self._end_tasks())

    async def _end_tasks(self) -> None:
        """Let the calls end that can never get their results."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def close(self) -> None:
        """Cancel what runs, and end the thread."""
        if self._loop.is_closed():
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join(_CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def _start(self, coroutines: list[Coroutine[Any, Any, None]]) -> None:
        for coroutine in coroutines:
            task = self._loop.create_task(coroutine)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.call_soon(self._loop.call_soon, self._loop.stop)  # after the cancelled ones had their turn


class CoroutineCalls:
    """Calls of a coroutine function, on an event loop."""

    def __init__(
        self, loop: EventLoopThread, process: Callable[..., Any], done: "queue.SimpleQueue[list[Slot]]"
    ) -> None:
        self._loop = loop
        self._process = process
        self._done = done
        self._ended: list[Slot] = []

    def start(self, slots: list[Slot]) -> None:
        """See Calls."""
        self._loop.start([self._call(slot) for slot in slots])

    def check(self) -> None:
        """See Calls."""
        self._loop.check()

    def close(self) -> None:
        """See Calls."""

    async def _call(self, slot: Slot) -> None:
        slot.clock = clock = CallClock.of_this_thread()
        clock.since = before = time.perf_counter()
        try:
            slot.result = await self._process(*slot.arguments)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the engine's thread has to know of it
            slot.error = error
        slot.seconds, clock.since = time.perf_counter() - before, None
        if not self._ended:
            # One hand-over for all that end in this round of the loop: each wakes the engine's thread.
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._ended.append(slot)

    def _hand_over(self) -> None:
        ended, self._ended = self._ended, []
        self._done.put(ended)


async def _guarded(coroutine: Coroutine[Any, Any, Any]) -> tuple[Any, BaseException | None]:
    """Its result or what it raised: SystemExit would end the loop, and nobody would hear of it."""
    try:
        return await coroutine, None
    except BaseException as error:  # noqa: BLE001 - see above
        return None, error
