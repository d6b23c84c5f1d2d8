"""Batches are acknowledged as wholes, and never before all of their messages are settled."""

from typing import Any

import attrs
import pulsar
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance import batch_acknowledger
from pulsemill_instance.batch_acknowledger import BatchAcknowledger, batch_of

TOPIC = "persistent://public/default/in"


def number(value: int) -> bytes:
    """A base-128 number."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


@attrs.frozen
class Message:
    """A message at its place; `size` is that of its batch, 0 for none."""

    entry: int
    index: int = -1
    size: int = 0
    partition: int = -1
    ledger: int = 300

    def message_id(self) -> Any:
        return pulsar.MessageId(self.partition, self.ledger, self.entry, self.index)

    def topic_name(self) -> str:
        return TOPIC

    def serialized(self) -> bytes:
        """As the client does: the fields in the order of their numbers."""
        fields = [(1, self.ledger), (2, self.entry)]
        fields += [(3, self.partition)] if self.partition >= 0 else []
        fields += [(4, self.index), (6, self.size)] if self.size else []
        return b"".join(bytes([tag << 3]) + number(value) for tag, value in fields)


@attrs.define
class Consumer:
    """Keeps what was acknowledged: entries of whole batches, and single messages."""

    acknowledged: list[Any] = attrs.field(factory=list)

    def acknowledge(self, message: Any) -> None:
        self.acknowledged.append(message if isinstance(message, Message) else message.entry_id())


def settle(*messages: Message) -> list[Any]:
    consumer = Consumer()
    acknowledger = BatchAcknowledger(consumer)
    for message in messages:
        acknowledger.acknowledge(message, message.serialized())
    return consumer.acknowledged


@given(st.integers(0, 2**60), st.integers(0, 2**60), st.integers(-1, 300), st.integers(0, 16000), st.integers(1, 16000))
def test_the_place_of_the_batch_index_and_the_batchs_size_are_found(
    ledger: int, entry: int, partition: int, index: int, size: int
) -> None:
    identifier = Message(entry, index, size, partition, ledger).serialized()
    place, found = batch_of(identifier)
    assert found == size
    assert identifier[place : place + len(number(index))] == number(index)
    assert identifier[:place] == Message(entry, 0, size, partition, ledger).serialized()[:place]


def test_the_clients_own_ids_are_read_as_they_are() -> None:
    own = pulsar.MessageId(2, 300, 7, 129).serialize()
    assert own == Message(7, 129, 1, 2).serialized()[: len(own)]


@given(st.data())
def test_a_batch_is_acknowledged_when_and_only_when_all_of_it_is_settled(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(2, 200), min_size=1, max_size=4))
    everything = [Message(entry, index, size) for entry, size in enumerate(sizes) for index in range(size)]
    order = data.draw(st.permutations(everything))
    again = data.draw(st.lists(st.sampled_from(everything), max_size=20))
    consumer = Consumer()
    acknowledger = BatchAcknowledger(consumer)
    settled: set[Message] = set()
    for message in [*order[: len(order) // 2], *again, *order[len(order) // 2 :]]:
        acknowledger.acknowledge(message, message.serialized())
        settled.add(message)
        for entry in consumer.acknowledged:
            assert settled.issuperset(each for each in everything if each.entry == entry)
    assert set(consumer.acknowledged) == set(range(len(sizes)))


def test_what_failed_and_came_again_completes_its_batch() -> None:
    first, second, third = (Message(7, index, 3) for index in range(3))
    assert settle(first, third) == []
    assert settle(first, third, first, second) == [7]


def test_a_message_in_no_batch_and_one_in_a_batch_of_its_own_are_acknowledged_themselves() -> None:
    alone, single = Message(7), Message(8, 0, 1)
    assert settle(alone, single) == [alone, single]


def test_batches_too_large_to_follow_are_acknowledged_message_by_message() -> None:
    messages = [Message(7, index, 1 << 14) for index in range(3)]
    assert settle(*messages) == messages


def test_only_so_many_unfinished_batches_are_remembered(monkeypatch: Any) -> None:
    monkeypatch.setattr(batch_acknowledger, "MOST_BATCHES", 2)
    begun = [Message(entry, 0, 2) for entry in range(3)]
    rest = [Message(entry, 1, 2) for entry in range(3)]
    assert settle(*begun, *rest[1:]) == [1, 2]
    assert settle(*begun, rest[0]) == []
