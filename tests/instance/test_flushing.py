"""Flushing: who waits for it, and what comes of it."""

import queue
import threading
from typing import Any

import attrs
import pulsar
import pytest

from pulsemill_instance.flushing import Flusher, flush_within


@attrs.define(eq=False)
class Producer:
    """A client's producer, whose flushes take until the gate is open."""

    error: Exception | None = None
    flushes: int = 0
    gate: threading.Event = attrs.field(factory=threading.Event)

    def flush(self) -> None:
        assert self.gate.wait(30)
        self.flushes += 1
        if self.error:
            raise self.error


def test_who_asks_for_a_flush_does_not_wait_for_it() -> None:
    producer, results = Producer(), queue.SimpleQueue[Any]()
    flusher = Flusher(producer)
    flusher.flush(results.put)
    assert results.empty()
    producer.gate.set()
    assert results.get(timeout=30) == pulsar.Result.Ok
    flusher.close()


def test_flushes_follow_each_other_in_one_thread_which_ends_with_them() -> None:
    producer, threads = Producer(), queue.SimpleQueue[threading.Thread]()
    producer.gate.set()
    flusher = Flusher(producer)
    for _ in range(2):
        flusher.flush(lambda _: threads.put(threading.current_thread()))
    flusher.close()
    first, second = threads.get(timeout=30), threads.get(timeout=30)
    assert first is second
    assert producer.flushes == 2
    first.join(30)
    assert not first.is_alive()


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (pulsar.TopicTerminated("gone"), pulsar.Result.TopicTerminated),
        (pulsar.PulsarException("strange"), pulsar.Result.UnknownError),
    ],
)
def test_a_flush_that_fails_tells_its_result(error: Exception, result: Any) -> None:
    producer = Producer(error)
    producer.gate.set()
    assert flush_within(producer, 30) == result


def test_a_flush_that_takes_too_long_is_a_timeout() -> None:
    producer = Producer()
    assert flush_within(producer, 0.01) == pulsar.Result.Timeout
    producer.gate.set()
