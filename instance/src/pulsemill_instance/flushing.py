"""Flushing producers without waiting for ever, and without a deadlock.

The client's `flush_async` keeps the interpreter's lock while it waits for that of the producer. The client's own thread
may have the latter and want the former, to copy the Python callback of a message that lingers. Its blocking `flush`
gives the interpreter's lock away first: that is what is called, in a thread.
"""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pulsar

Flushed = Callable[[Any], None]
"""Gets the Result of a flush."""


class Flusher:
    """Flushes one producer of the client, or of its wrapper; its thread begins with the first flush."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._requests: queue.SimpleQueue[Flushed | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def flush(self, callback: Flushed) -> None:
        """`callback(result)` is called from the flusher's thread. Returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="flush", daemon=True)
            self._thread.start()
        self._requests.put(callback)

    def close(self) -> None:
        """Flush no more. A flush that is on its way ends with its producer."""
        self._requests.put(None)

    def _run(self) -> None:
        while (callback := self._requests.get()) is not None:
            callback(_flush(self._producer))


def flush_within(producer: Any, seconds: float) -> Any:
    """Flush a producer; its Result, Timeout when the broker did not answer in time."""
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    flusher = Flusher(producer)
    flusher.flush(results.put)
    flusher.close()
    try:
        return results.get(timeout=seconds)
    except queue.Empty:
        return pulsar.Result.Timeout


def _flush(producer: Any) -> Any:
    try:
        producer.flush()
    except pulsar.PulsarException as error:
        return getattr(pulsar.Result, type(error).__name__, pulsar.Result.UnknownError)
    return pulsar.Result.Ok
