"""How at-most-once inputs are acknowledged: a batch with its first message."""

from typing import Any

import attrs
import pulsar

from pulsemill_instance.consumers import WholeBatchInput
from pulsemill_instance.message_ids import whole_batch_id
from pulsemill_instance.whole_batches import MOST_BATCHES

TOPIC = "persistent://public/default/in-partition-1"


@attrs.frozen
class Message:
    """A message at a place."""

    entry: int
    batch: int

    size: int = 5

    def message_id(self) -> Any:
        return MessageId(self)

    def topic_name(self) -> str:
        return TOPIC


class MessageId(pulsar.MessageId):  # type: ignore[misc]  # the client ships no types
    """One that knows the size of its batch, as ids of received messages do; there is no other way to make one."""

    def __init__(self, message: Message) -> None:
        super().__init__(1, 7, message.entry, message.batch)
        self._size = message.size

    def serialize(self) -> bytes:
        index = bytes([0x20, max(0, self.batch_index())])
        return bytes([0x08, 7, 0x10, self.entry_id(), *index, 0x30, self._size])


@attrs.define
class Consumer:
    """Keeps what was acknowledged."""

    acknowledged: list[Any] = attrs.field(factory=list)

    def acknowledge(self, message: Any) -> None:
        self.acknowledged.append(message)


def input_of(consumer: Consumer) -> WholeBatchInput:
    return WholeBatchInput("in", None, consumer, consumer, lambda message: message)


def acknowledge(*messages: Message) -> list[Any]:
    consumer = Consumer()
    source = input_of(consumer)
    for message in messages:
        source.acknowledge(message)
    return consumer.acknowledged


def owed_after(*messages: Message) -> bool:
    source = input_of(Consumer())
    for message in messages:
        source.acknowledge(message)
    return source.owed


def test_a_batch_is_acknowledged_once_and_as_a_whole() -> None:
    acknowledged = acknowledge(Message(3, 0), Message(3, 1), Message(4, 0), Message(4, 1))
    assert [(id_.entry_id(), id_.batch_index()) for id_ in acknowledged] == [(3, -1), (4, -1)]


def test_a_batch_that_comes_again_is_acknowledged_again() -> None:
    first, again = [Message(3, index) for index in range(3)], [Message(3, index) for index in range(5)]
    assert [id_.entry_id() for id_ in acknowledge(*first, *again)] == [3, 3]


def test_messages_of_a_batch_may_come_in_any_order() -> None:
    assert len(acknowledge(*[Message(3, index) for index in (2, 0, 4, 1, 3)])) == 1


def test_an_input_owes_the_rest_of_a_batch_that_was_begun() -> None:
    batch = [Message(3, index) for index in range(5)]
    assert owed_after(*batch[:1])
    assert owed_after(*batch[:4])
    assert not owed_after(*batch)
    assert not owed_after(*batch, Message(4, -1))


def test_batches_that_are_never_completed_are_forgotten() -> None:
    lost = [Message(entry, 0) for entry in range(MOST_BATCHES + 1)]
    last = [Message(entry, index) for entry in range(1, MOST_BATCHES + 1) for index in range(1, 5)]
    assert not owed_after(*lost, *last)


def test_a_message_that_is_in_no_batch_is_acknowledged_itself() -> None:
    messages = Message(3, -1), Message(4, -1)
    assert acknowledge(*messages) == list(messages)


def test_the_whole_batchs_id_has_partition_and_topic() -> None:
    whole = whole_batch_id(Message(3, 5).message_id(), TOPIC)
    assert (whole.partition(), whole.ledger_id(), whole.entry_id(), whole.batch_index()) == (1, 7, 3, -1)
