"""Flushing producers without waiting for ever, and without a deadlock.

The client's `flush_async` keeps the interpreter's lock while it waits for that of the producer. The client's own thread
may have the latter and want the former, to copy the Python callback of a message that lingers. Its blocking `flush`
gives the interpreter's lock away first: that is what is called, in a thread, wherever messages have callbacks.
"""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pulsar


def flush_in_thread(producer: Any, callback: Callable[[Any], None]) -> None:
    """Flush a producer of the client, or of its wrapper; `callback(result)` is called from a thread of its own."""
    threading.Thread(target=lambda: callback(_flush(producer)), name="flush", daemon=True).start()


def flush_within(producer: Any, seconds: float) -> Any:
    """Flush a producer; its Result, Timeout when the broker did not answer in time."""
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    flush_in_thread(producer, results.put)
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
