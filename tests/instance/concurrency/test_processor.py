"""Several calls at a time, with calls that end when the test says so."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import _pulsar
import attrs
import pytest

from pulsemill_instance.call_guard import CallClock
from pulsemill_instance.concurrency.call_threads import CallThreads
from pulsemill_instance.concurrency.processor import ConcurrentProcessor
from pulsemill_instance.concurrency.schedules import Slot, schedule_of
from pulsemill_instance.concurrency.settings import Concurrency, Order
from tests.instance.calls import Outputs, call_of, source_of


@attrs.define(eq=False)
class Calls:
    """Ends no call by itself."""

    done: "queue.SimpleQueue[list[Slot]]"
    running: list[Slot] = attrs.field(factory=list)

    def start(self, slots: list[Slot]) -> None:
        for slot in slots:
            slot.clock = CallClock()
            slot.clock.attempt()
        self.running += slots

    def end(self, count: int) -> None:
        for slot in self.running[:count]:
            assert slot.clock
            slot.result, slot.clock.since = slot.arguments[0], None
            self.done.put([slot])
        del self.running[:count]

    def check(self) -> None:
        """None can fail."""

    def close(self) -> None:
        """Nothing is to close."""


def processor_of(
    outputs: Outputs, order: Order = Order.INPUT, stop: threading.Event | None = None
) -> tuple[ConcurrentProcessor, Calls]:
    done: queue.SimpleQueue[list[Slot]] = queue.SimpleQueue()
    calls, concurrency = Calls(done), Concurrency(10, order)
    call = call_of(str, outputs, stop)
    return ConcurrentProcessor(call, concurrency, schedule_of(order), calls, done), calls


def messages(*values: Any) -> list[Any]:
    return list(values)


def test_outcomes_wait_until_there_is_room_for_their_outputs() -> None:
    outputs = Outputs(room=2)
    processor, calls = processor_of(outputs)
    processor.process(source_of(), messages(1, 2, 3, 4))
    calls.end(4)
    processor.tick()
    assert outputs.emitted == [1, 2]
    assert processor.busy
    outputs.room = 5
    processor.tick()
    assert outputs.emitted == [1, 2, 3, 4]
    assert not processor.busy


def test_at_the_end_what_finds_no_room_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulsemill_instance.concurrency.processor.FINISH_SECONDS", 0.05)
    outputs = Outputs(room=1)
    processor, calls = processor_of(outputs)
    processor.process(source_of(), messages(1, 2))
    calls.end(2)
    processor.finish()
    assert outputs.emitted == [1]


def test_no_further_messages_are_taken_while_outcomes_wait() -> None:
    outputs, stop = Outputs(room=0), threading.Event()
    processor, calls = processor_of(outputs, stop=stop)
    processor.process(source_of(), messages(1))
    calls.end(1)
    processor.tick()
    outputs.on_turn = stop.set
    processor.process(source_of(), messages(2))
    assert calls.running == []


@pytest.mark.parametrize("order", list(Order))
def test_keys_may_be_any_bytes(order: Order) -> None:
    outputs = Outputs()
    processor, calls = processor_of(outputs, order)
    message = _pulsar.MessageBuilder().content(b"x").ordering_key(b"\x00\x80\xff").build()
    processor.process(source_of(lambda _: "decoded"), messages(message))
    calls.end(1)
    processor.tick()
    assert outputs.emitted == ["decoded"]


def test_the_oldest_call_is_one_that_has_not_returned() -> None:
    processor, calls = processor_of(Outputs())
    assert processor.oldest_call is None
    processor.process(source_of(), messages(1, 2))
    first, second = (slot.clock for slot in calls.running)
    assert first
    assert second
    first.since, second.since = 5.0, 7.0
    assert processor.oldest_call
    assert processor.oldest_call.since == 5.0
    first.since = None
    assert processor.oldest_call.since == 7.0
    calls.end(2)
    assert processor.oldest_call is None


def test_a_call_in_a_thread_has_returned_when_its_outcome_is_there() -> None:
    done: queue.SimpleQueue[list[Slot]] = queue.SimpleQueue()
    call: Callable[[Any], Any] = str
    threads = CallThreads(call, done, 1)
    message: Any = 5
    threads.start([Slot(source_of(), message, arguments=(5,))])
    (slot,) = done.get(timeout=20)
    threads.close()
    assert slot.clock
    assert (slot.result, slot.clock.running) == ("5", None)
    assert slot.clock.thread not in {0, threading.get_ident()}
