"""Flushing: which of the client's ways is taken, and what comes of it."""

import queue
import threading
from typing import Any

import attrs
import pulsar
import pytest

from pulsemill_instance.flushing import flush_within
from pulsemill_instance.output_producer import OutputProducer


@attrs.define(eq=False)
class Raw:
    """A client's producer: each of its two flushes tells that it was called."""

    error: Exception | None = None
    ways: list[str] = attrs.field(factory=list)
    gate: threading.Event = attrs.field(factory=threading.Event)

    def flush(self) -> None:
        self.ways.append("blocking")
        assert self.gate.wait(30)
        if self.error:
            raise self.error

    def flush_async(self, callback: Any) -> None:
        self.ways.append("async")
        callback(pulsar.Result.Ok)


def flushed(raw: Raw, waiting: int) -> "queue.SimpleQueue[Any]":
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    producer = OutputProducer(None, raw, flush_confirms=True)
    producer.waiting = waiting
    producer.flush(results.put)
    return results


def test_outputs_without_callbacks_are_flushed_by_the_client() -> None:
    raw = Raw()
    assert flushed(raw, waiting=0).get(timeout=30) == pulsar.Result.Ok
    assert raw.ways == ["async"]


def test_outputs_with_callbacks_are_flushed_without_the_interpreters_lock_and_nobody_waits() -> None:
    raw = Raw()
    results = flushed(raw, waiting=1)
    assert results.empty()
    raw.gate.set()
    assert results.get(timeout=30) == pulsar.Result.Ok
    assert raw.ways == ["blocking"]


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (pulsar.TopicTerminated("gone"), pulsar.Result.TopicTerminated),
        (pulsar.PulsarException("strange"), pulsar.Result.UnknownError),
    ],
)
def test_a_flush_that_fails_tells_its_result(error: Exception, result: Any) -> None:
    raw = Raw(error)
    raw.gate.set()
    assert flush_within(raw, 30) == result


def test_a_flush_that_takes_too_long_is_a_timeout() -> None:
    raw = Raw()
    assert flush_within(raw, 0.01) == pulsar.Result.Timeout
    raw.gate.set()
