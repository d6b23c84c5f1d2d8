"""The window of outputs, with a producer whose confirmations the test gives."""

import time
from collections.abc import Callable
from typing import Any

import attrs
import pulsar
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.outputs import Outputs
from pulsemill_instance.producer_pool import ProducerPool

OK, TERMINATED, TOO_BIG = pulsar.Result.Ok, pulsar.Result.TopicTerminated, pulsar.Result.MessageTooBig
BLOCKED = pulsar.Result.ProducerBlockedQuotaExceededException
SMALL_BYTES = 1000


@attrs.define(eq=False)
class Producer:
    """Remembers what it was given; `firsts` are callbacks of small messages, which a flush answers if nobody did."""

    flush_confirms: bool = True
    sent: list[bytes] = attrs.field(factory=list)
    callbacks: list[Callable[[Any, Any], None]] = attrs.field(factory=list)
    firsts: list[Callable[[Any, Any], None]] = attrs.field(factory=list)
    flushes: list[Callable[[Any], None]] = attrs.field(factory=list)
    closed: bool = False
    connected: bool = True
    waiting: int = 0
    used_at: float = 0.0
    rejects: Any = None
    """The result that a message gets as it is sent."""

    def send(self, payload: bytes, properties: Any, sequence_id: Any, callback: Any) -> None:
        self.sent.append(payload)
        if self.rejects is not None:
            callback(self.rejects, None)
        elif callback is not None:
            is_small = self.flush_confirms and len(payload) < SMALL_BYTES
            (self.firsts if is_small else self.callbacks).append(callback)

    def flush(self, callback: Any) -> None:
        def answer(result: Any) -> None:
            while self.firsts:
                self.firsts.pop(0)(result, None)
            callback(result)

        self.flushes.append(answer)

    def is_connected(self) -> bool:
        return self.connected

    def close(self) -> None:
        self.closed = True


@attrs.define(eq=False)
class Settled:
    """What was settled, in order."""

    stored_messages: list[Any] = attrs.field(factory=list)
    rejected_messages: list[Any] = attrs.field(factory=list)
    reasons: list[str] = attrs.field(factory=list)
    hopeless_messages: list[Any] = attrs.field(factory=list)

    def stored(self, entries: list[Any]) -> None:
        self.stored_messages += [message for _, message, _ in entries]

    def rejected(self, entries: list[Any], reason: str, *, for_good: bool = False) -> None:
        messages = [message for _, message, _ in entries]
        self.rejected_messages += messages
        self.hopeless_messages += messages if for_good else []
        self.reasons.append(reason)


class Setup:
    """Outputs over fake producers."""

    def __init__(self, *, capacity: int = 100, flush_confirms: bool = True) -> None:
        self.settled = Settled()
        self.producers: list[Producer] = []
        self.flush_confirms = flush_confirms
        self.outputs = Outputs("out", self.settled, ProducerPool(self.open), capacity)

    def open(self, _name: str | None) -> Any:
        self.producers.append(Producer(self.flush_confirms))
        return self.producers[-1]

    def send(self, *messages: Any, payload: bytes = b"x") -> None:
        for message in messages:
            self.outputs.send((None, message, b"id"), payload, {}, None)  # type: ignore[arg-type]  # nobody looks at the input


def test_nothing_is_settled_before_the_flush_is_confirmed() -> None:
    setup = Setup()
    setup.send(1, 2)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    assert setup.outputs.in_flight
    setup.producers[0].flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [1, 2]
    assert not setup.outputs.in_flight


def test_what_was_sent_after_a_flush_began_waits_for_the_next_one() -> None:
    setup = Setup()
    setup.send(1)
    setup.outputs.turn()
    setup.send(2)
    setup.outputs.turn()
    (producer,) = setup.producers
    assert len(producer.flushes) == 1
    producer.flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [1]
    producer.flushes[1](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [1, 2]


def test_a_failed_flush_rejects_all_it_covers_and_what_follows_unflushed_on_that_producer() -> None:
    setup = Setup()
    setup.send(1, 2)
    setup.outputs.turn()
    setup.send(3)
    setup.producers[0].flushes[0](TERMINATED)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    assert sorted(setup.settled.rejected_messages) == [1, 2, 3]
    assert any("the broker did not store the output on out: TopicTerminated" in r for r in setup.settled.reasons)
    assert setup.producers[0].closed
    assert not setup.outputs.in_flight
    setup.send(4)
    assert len(setup.producers) == 2


def test_what_the_client_gave_up_before_the_flush_is_rejected_though_the_flush_finds_nothing_wrong() -> None:
    setup = Setup()
    setup.send(1, 2)
    (producer,) = setup.producers
    producer.firsts.pop()(BLOCKED, None)
    setup.outputs.turn()
    producer.flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    assert setup.settled.rejected_messages == [1, 2]
    assert "ProducerBlockedQuotaExceededException" in setup.settled.reasons[0]
    assert not producer.closed
    setup.send(3)
    setup.outputs.turn()
    producer.flushes[1](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [3]


def test_so_it_is_with_each_of_several_producers() -> None:
    setup = Setup()
    setup.outputs = Outputs("out", setup.settled, ProducerPool(setup.open, lambda message: str(message % 2)), 100)
    setup.send(1, 2, 3, 4)
    one, two = setup.producers
    assert (len(one.firsts), len(two.firsts)) == (1, 1)
    two.firsts.pop()(BLOCKED, None)
    setup.outputs.turn()
    for producer in (one, two):
        producer.flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    assert setup.settled.rejected_messages == [1, 2, 3, 4]


def test_a_flush_waits_for_its_first_message() -> None:
    setup = Setup()
    setup.send(1, 2)
    setup.outputs.turn()
    (producer,) = setup.producers
    (first,) = producer.firsts
    producer.firsts.clear()
    producer.flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    first(OK, None)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [1, 2]


def test_a_large_output_is_confirmed_by_itself_and_its_neighbours_by_the_flush() -> None:
    setup = Setup()
    setup.send(1)
    setup.send(2, payload=b"x" * 1_000_000)
    setup.outputs.turn()
    (producer,) = setup.producers
    producer.callbacks[0](TOO_BIG, None)
    producer.flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [1]
    assert setup.settled.rejected_messages == setup.settled.hopeless_messages == [2]
    assert not producer.closed


def test_a_message_that_another_producer_might_send_is_not_hopeless() -> None:
    setup = Setup(flush_confirms=False)
    setup.send(1)
    setup.producers[0].callbacks[0](TERMINATED, None)
    setup.outputs.turn()
    assert setup.settled.rejected_messages == [1]
    assert setup.settled.hopeless_messages == []


def test_what_the_client_rejects_by_itself_is_settled_before_anything_is_sent_behind_it() -> None:
    setup = Setup(flush_confirms=False)
    setup.send(1)
    (producer,) = setup.producers
    producer.rejects = TOO_BIG
    setup.send(2)
    assert setup.settled.rejected_messages == [2]


def test_a_producer_that_may_reject_by_itself_gets_a_callback_per_message() -> None:
    setup = Setup(flush_confirms=False)
    setup.send(1, 2, 3)
    setup.outputs.turn()
    (producer,) = setup.producers
    producer.flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    for callback in producer.callbacks:
        callback(OK, None)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [1, 2, 3]


def test_the_window_is_bounded_by_messages_and_by_bytes() -> None:
    setup = Setup(capacity=3)
    setup.send(1, 2)
    assert not setup.outputs.full
    setup.send(3)
    assert setup.outputs.full
    large = Setup()
    large.send(1, payload=b"x" * 9_000_000)
    assert large.outputs.full


def test_a_producer_that_cannot_be_opened_is_not_asked_for_with_every_message() -> None:
    setup, attempts = Setup(), []

    def refuse(name: str | None) -> Any:
        attempts.append(name)
        raise InstanceError("topic is terminated")

    outputs = Outputs("out", setup.settled, ProducerPool(refuse), 10)
    depths = []
    for _ in range(5):
        with pytest.raises(InstanceError, match="topic is terminated") as refused:
            outputs.send((None, None, b"id"), b"x", {}, None)  # type: ignore[arg-type]  # nobody looks at the input
        depths.append(len(refused.traceback))
    assert max(depths[1:]) == depths[1], "each refusal has a traceback of its own, that does not grow"
    assert attempts == [None]
    assert not outputs.in_flight


def test_inputs_of_several_producers_wait_for_the_flush_of_each() -> None:
    setup = Setup()
    producers: dict[str | None, Producer] = {}

    def open_named(name: str | None) -> Any:
        return producers.setdefault(name, Producer())

    pool = ProducerPool(open_named, str)
    outputs = Outputs("out", setup.settled, pool, 10)
    for message in ("a", "b", "a"):
        outputs.send((None, message, b"id"), b"x", {}, None)  # type: ignore[arg-type]  # nobody looks at the input
    outputs.turn()
    producers["a"].flushes[0](OK)
    outputs.turn()
    assert setup.settled.stored_messages == []
    producers["b"].flushes[0](OK)
    outputs.turn()
    assert setup.settled.stored_messages == ["a", "b", "a"]


def test_a_named_producer_is_closed_when_it_is_idle_and_nothing_of_it_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    producers = {name: Producer(flush_confirms=False) for name in ("a", "b")}
    outputs = Outputs("out", Settled(), ProducerPool(lambda name: producers[str(name)], str), 10)  # type: ignore[arg-type,return-value]  # fakes
    for message in producers:
        outputs.send((None, message, b"id"), b"x", {}, None)  # type: ignore[arg-type]  # nobody looks at the input
    producers["a"].callbacks[0](OK, None)
    monkeypatch.setattr("pulsemill_instance.producer_pool.IDLE_SECONDS", -1)
    outputs.turn()
    for producer in producers.values():
        producer.used_at = 0.0
    outputs.turn()
    assert (producers["a"].closed, producers["b"].closed) == (True, False)


def test_a_flush_keeps_its_producers_and_none_begins_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup(flush_confirms=False)
    setup.outputs = Outputs("out", setup.settled, ProducerPool(setup.open, str), 100)
    setup.send(1)
    setup.outputs.turn()
    setup.send(2)
    one, two = setup.producers
    for producer in (one, two):
        producer.callbacks[0](OK, None)
    monkeypatch.setattr("pulsemill_instance.producer_pool.IDLE_SECONDS", -1)
    setup.outputs.turn()
    assert not one.closed
    one.flushes[0](OK)
    setup.outputs.turn()
    assert one.closed
    assert two.closed
    setup.send(3)
    setup.outputs.turn()
    assert len(setup.producers[2].flushes) == 1


def test_properties_count_as_bytes_on_their_way() -> None:
    setup = Setup()
    setup.outputs.send((None, 1, b"id"), b"x", {"a": "", "b": "", "c": "x" * 5_000_000}, None)  # type: ignore[arg-type]  # nobody looks at the input
    assert setup.outputs.full


def test_draining_gives_up_in_time() -> None:
    setup = Setup()
    setup.send(1)
    assert not setup.outputs.drain(0.01)
    assert setup.settled.stored_messages == []


def much_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.monotonic() + 1000
    monkeypatch.setattr(time, "monotonic", lambda: later)


@pytest.mark.parametrize("flush_confirms", [True, False])
def test_what_a_broker_does_not_confirm_though_it_is_there_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
    flush_confirms: bool,
) -> None:
    setup = Setup(flush_confirms=flush_confirms)
    setup.send(1, 2)
    setup.outputs.turn()
    setup.send(3)
    assert setup.outputs.in_flight
    much_later(monkeypatch)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    assert sorted(setup.settled.rejected_messages) == [1, 2, 3]
    assert "the broker did not store the output on out: Timeout" in setup.settled.reasons
    assert setup.producers[0].closed
    assert not setup.outputs.in_flight


def test_what_is_confirmed_after_it_was_given_up_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup()
    setup.send(1)
    setup.send(2, payload=b"x" * 100_000)
    setup.outputs.turn()
    much_later(monkeypatch)
    setup.outputs.turn()
    setup.send(3)
    forgotten, fresh = setup.producers
    forgotten.flushes[0](OK)
    forgotten.callbacks[0](pulsar.Result.AlreadyClosed, None)
    setup.outputs.turn()
    assert setup.settled.stored_messages == []
    assert not fresh.closed
    fresh.flushes[0](OK)
    setup.outputs.turn()
    assert setup.settled.stored_messages == [3]
    assert sorted(setup.settled.rejected_messages) == [1, 2]


def test_a_producer_without_connection_is_replaced_while_the_inputs_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup()
    setup.outputs = Outputs("out", setup.settled, ProducerPool(setup.open), 100, inputs_connected=lambda: True)
    setup.send(1)
    setup.outputs.turn()
    setup.producers[0].connected = False
    assert not setup.outputs.is_connected
    much_later(monkeypatch)
    setup.outputs.turn()
    assert setup.settled.rejected_messages == [1]
    assert setup.producers[0].closed
    setup.send(2)
    assert setup.outputs.is_connected


def test_an_absent_broker_may_take_as_long_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Setup()
    setup.send(1)
    setup.outputs.turn()
    setup.producers[0].connected = False
    much_later(monkeypatch)
    setup.outputs.turn()
    assert setup.settled.rejected_messages == []
    assert setup.outputs.in_flight


class AnyOrder(RuleBasedStateMachine):
    """Sends, flushes and confirmations in any order: every message is settled once, and truly."""

    def __init__(self) -> None:
        super().__init__()
        self.setup = Setup()
        self.sent = 0
        self.singles: list[tuple[int, Any]] = []
        self.firsts: dict[Any, int] = {}
        self.failed: set[int] = set()

    @rule()
    def send_small(self) -> None:
        self.setup.send(self.sent)
        for callback in self.setup.producers[-1].firsts:
            self.firsts.setdefault(callback, self.sent)
        self.sent += 1

    @rule()
    def send_large(self) -> None:
        self.setup.send(self.sent, payload=b"x" * 100_000)
        self.singles.append((self.sent, self.setup.producers[-1].callbacks[-1]))
        self.sent += 1

    @rule()
    def turn(self) -> None:
        self.setup.outputs.turn()

    @rule(result=st.sampled_from([OK, TERMINATED]))
    def answer_flush(self, result: Any) -> None:
        for producer in self.setup.producers:
            if producer.flushes:
                producer.flushes.pop(0)(result)
                return

    @rule(result=st.sampled_from([OK, BLOCKED]))
    def answer_first(self, result: Any) -> None:
        for producer in self.setup.producers:
            if producer.firsts:
                callback = producer.firsts.pop(0)
                self.failed |= set() if result == OK else {self.firsts[callback]}
                callback(result, None)
                return

    @precondition(lambda self: self.singles)
    @rule(result=st.sampled_from([OK, TOO_BIG]))
    def answer_single(self, result: Any) -> None:
        message, callback = self.singles.pop(0)
        self.failed |= set() if result == OK else {message}
        callback(result, None)

    def teardown(self) -> None:
        while self.singles:
            self.answer_single(OK)
        while self.setup.outputs.in_flight:
            self.turn()
            self.answer_flush(OK)
        settled = self.setup.settled
        assert sorted(settled.stored_messages + settled.rejected_messages) == list(range(self.sent))
        assert self.failed.isdisjoint(settled.stored_messages)


TestAnyOrder = AnyOrder.TestCase
