"""Flushing a producer without waiting for ever."""

import queue
from typing import Any

import pulsar


def flush_within(producer: Any, seconds: float) -> Any:
    """Flush a producer of the public client; its Result, Timeout when the broker did not answer in time."""
    raw: Any = getattr(producer, "_producer", None)
    if raw is None or not hasattr(raw, "flush_async"):
        return _blocking_flush(producer)
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    raw.flush_async(results.put)
    try:
        return results.get(timeout=seconds)
    except queue.Empty:
        return pulsar.Result.Timeout


def _blocking_flush(producer: Any) -> Any:
    try:
        producer.flush()
    except pulsar.PulsarException:
        return pulsar.Result.UnknownError
    return pulsar.Result.Ok
