"""How at-most-once inputs are acknowledged: a batch with its first message."""

from typing import Any

import attrs
import pulsar

from pulsemill_instance.consumers import WholeBatchInput
from pulsemill_instance.message_ids import whole_batch_id

TOPIC = "persistent://public/default/in-partition-1"


@attrs.frozen
class Message:
    """A message at a place."""

    entry: int
    batch: int

    def message_id(self) -> Any:
        return pulsar.MessageId(1, 7, self.entry, self.batch)

    def topic_name(self) -> str:
        return TOPIC


@attrs.define
class Consumer:
    """Keeps what was acknowledged."""

    acknowledged: list[Any] = attrs.field(factory=list)

    def acknowledge(self, message: Any) -> None:
        self.acknowledged.append(message)


def acknowledge(*messages: Message) -> list[Any]:
    consumer = Consumer()
    source = WholeBatchInput("in", None, consumer, consumer, lambda message: message)
    for message in messages:
        source.acknowledge(message)
    return consumer.acknowledged


def test_a_batch_is_acknowledged_once_and_as_a_whole() -> None:
    acknowledged = acknowledge(Message(3, 0), Message(3, 1), Message(4, 0), Message(4, 1))
    assert [(id_.entry_id(), id_.batch_index()) for id_ in acknowledged] == [(3, -1), (4, -1)]


def test_a_batch_that_comes_again_is_acknowledged_again() -> None:
    first, again = [Message(3, index) for index in range(3)], [Message(3, index) for index in range(5)]
    assert [id_.entry_id() for id_ in acknowledge(*first, *again)] == [3, 3]


def test_a_message_that_is_in_no_batch_is_acknowledged_itself() -> None:
    messages = Message(3, -1), Message(4, -1)
    assert acknowledge(*messages) == list(messages)


def test_the_whole_batchs_id_has_partition_and_topic() -> None:
    whole = whole_batch_id(Message(3, 5).message_id(), TOPIC)
    assert (whole.partition(), whole.ledger_id(), whole.entry_id(), whole.batch_index()) == (1, 7, 3, -1)
