"""Receivers over consumers that hold what the test gives them."""

import queue
from typing import Any

import attrs
import pulsar
import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.errors import InstanceFatalError
from pulsemill_instance.receivers import SingleReceiver, create_receiver


@attrs.define(eq=False)
class Consumer:
    """Delivers queued messages; the calls it got are remembered."""

    messages: queue.SimpleQueue[Any] = attrs.field(factory=queue.SimpleQueue)
    calls: list[str] = attrs.field(factory=list)
    failure: Exception | None = None

    def receive(self, timeout_ms: int) -> Any:
        self.calls.append("receive")
        if self.failure:
            raise self.failure
        try:
            return self.messages.get(timeout=timeout_ms / 1000)
        except queue.Empty:
            raise pulsar.Timeout from None

    def batch_receive(self) -> list[Any]:
        self.calls.append("batch_receive")
        batch = []
        while not self.messages.empty():
            batch.append(self.messages.get())
        return batch

    def give(self, *messages: Any) -> None:
        for message in messages:
            self.messages.put(message)


def make(topic: str = "in") -> tuple[Input, Consumer]:
    consumer = Consumer()
    return Input(topic, False, consumer, consumer, lambda message: message), consumer


def test_the_first_message_comes_alone_and_those_behind_it_as_a_batch() -> None:
    source, consumer = make()
    receiver = SingleReceiver(source)
    consumer.give(1, 2, 3)
    assert receiver.receive(busy=False, one_by_one=False) == (source, [1])
    assert receiver.receive(busy=False, one_by_one=False) == (source, [2, 3])
    assert receiver.receive(busy=True, one_by_one=False) is None


def test_an_input_that_is_held_back_is_not_read() -> None:
    source, consumer = make()
    receiver = SingleReceiver(source)
    consumer.give(1)
    source.is_held_back = True
    assert receiver.receive(busy=False, one_by_one=False) is None
    assert consumer.calls == []
    source.is_held_back = False
    assert receiver.receive(busy=False, one_by_one=False) == (source, [1])


def test_slow_functions_get_single_messages() -> None:
    source, consumer = make()
    receiver = SingleReceiver(source)
    consumer.give(1, 2)
    for expected in (1, 2):
        assert receiver.receive(busy=True, one_by_one=True) == (source, [expected])
    assert "batch_receive" not in consumer.calls


def test_a_closed_consumer_ends_the_instance_with_the_inputs_name() -> None:
    source, consumer = make("lost")
    consumer.failure = pulsar.AlreadyClosed("closed")
    with pytest.raises(InstanceFatalError, match="cannot receive from input lost any more"):
        SingleReceiver(source).receive(busy=False, one_by_one=False)


def test_several_inputs_deliver_side_by_side() -> None:
    (first, first_consumer), (second, second_consumer) = make("a"), make("b")
    first_consumer.give(1)
    second_consumer.give(2)
    receiver = create_receiver([first, second])
    batches = [receiver.receive(busy=False, one_by_one=False) for _ in range(2)]
    receiver.close()
    assert sorted(messages for _, messages in filter(None, batches)) == [[1], [2]]
    assert {source.topic: messages for source, messages in filter(None, batches)} == {"a": [1], "b": [2]}


def test_one_failing_input_of_several_ends_the_instance() -> None:
    (first, _), (second, consumer) = make("a"), make("b")
    consumer.failure = pulsar.AlreadyClosed("closed")
    receiver = create_receiver([first, second])
    with pytest.raises(InstanceFatalError, match="input b"):
        receiver.receive(busy=False, one_by_one=False)
    receiver.close()


def test_an_input_that_is_held_back_is_not_read_and_the_others_are() -> None:
    (first, first_consumer), (second, second_consumer) = make("a"), make("b")
    first.is_held_back = True
    first_consumer.give(1)
    second_consumer.give(2)
    receiver = create_receiver([first, second])
    assert receiver.receive(busy=False, one_by_one=False) == (second, [2])
    assert receiver.receive(busy=True, one_by_one=False) is None
    assert "receive" not in first_consumer.calls
    first.is_held_back = False
    batches = iter(lambda: receiver.receive(busy=False, one_by_one=False), (first, [1]))
    assert all(batch is None for batch in batches)
    receiver.close()


def test_whatever_ends_one_of_several_readers_ends_the_instance() -> None:
    (first, _), (second, consumer) = make("a"), make("b")
    consumer.failure = MemoryError()
    receiver = create_receiver([first, second])
    with pytest.raises(InstanceFatalError, match="cannot receive from input b any more: MemoryError"):
        receiver.receive(busy=False, one_by_one=False)
    receiver.close()
