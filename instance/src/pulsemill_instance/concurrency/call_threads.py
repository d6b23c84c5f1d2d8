"""Threads that call a plain function, each one call at a time."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from pulsemill_instance.call_guard import CallClock
from pulsemill_instance.concurrency.schedules import Slot


class CallThreads:
    """A fixed number of threads; one that is blocked at the end is left behind."""

    def __init__(self, process: Callable[..., Any], done: "queue.SimpleQueue[list[Slot]]", number: int) -> None:
        self._process = process
        self._done = done
        self._begun: queue.SimpleQueue[Slot | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"call {index}", daemon=True) for index in range(number)
        ]
        for thread in self._threads:
            thread.start()

    def start(self, slots: list[Slot]) -> None:
        """Begin calls."""
        for slot in slots:
            self._begun.put(slot)

    def check(self) -> None:
        """See Calls: each thread tells whatever a call raises."""

    def close(self) -> None:
        """Let the threads end when they are done."""
        for _ in self._threads:
            self._begun.put(None)

    def _work(self) -> None:
        while (slot := self._begun.get()) is not None:
            slot.clock = clock = CallClock.of_this_thread()
            clock.since = before = time.perf_counter()
            try:
                slot.result = self._process(*slot.arguments)
            except BaseException as error:  # noqa: BLE001  # whatever it is, the engine's thread has to know of it
                slot.error = error
            slot.seconds, clock.since = time.perf_counter() - before, None
            self._done.put([slot])
