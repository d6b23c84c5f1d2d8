import base64

import attrs
import pulsar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.message_ids import encode_message_id, message_sequence_id, output_sequence_id


@attrs.frozen
class MessageId:
    """A message id by its numbers."""

    ledger: int
    entry: int
    batch: int = -1

    def ledger_id(self) -> int:
        return self.ledger

    def entry_id(self) -> int:
        return self.entry

    def batch_index(self) -> int:
        return self.batch


IDS = st.builds(MessageId, st.integers(0, 2**31 - 1), st.integers(0, 2**20 - 1), st.integers(-1, 2**12 - 1))


@given(st.integers(-1, 99), st.integers(0, 2**40), st.integers(0, 2**40), st.integers(-1, 5000))
def test_an_encoded_id_decodes_to_the_same_id_in_the_standard_alphabet(
    partition: int, ledger: int, entry: int, batch: int
) -> None:
    message_id = pulsar.MessageId(partition, ledger, entry, batch)
    data = base64.b64decode(encode_message_id(message_id.serialize()), validate=True)
    assert data == message_id.serialize()


def test_the_standard_alphabet_is_used_where_the_two_differ() -> None:
    assert encode_message_id(b"\xfb\xff\xfe") == "+//+"


@given(IDS, IDS)
def test_output_sequence_ids_are_ordered_as_the_messages(first: MessageId, second: MessageId) -> None:
    places = [(i.ledger, i.entry, max(i.batch, 0)) for i in (first, second)]
    numbers = [output_sequence_id(i) for i in (first, second)]
    assert (places[0] < places[1]) == (numbers[0] < numbers[1])


@given(IDS)
def test_output_sequence_ids_fit_and_exceed_upstreams(message_id: MessageId) -> None:
    assert message_sequence_id(message_id) <= output_sequence_id(message_id) < 2**63


@pytest.mark.parametrize("message_id", [MessageId(2**31, 0), MessageId(0, 2**20), MessageId(0, 0, 2**12)])
def test_ids_that_could_be_mixed_up_are_refused(message_id: MessageId) -> None:
    with pytest.raises(ValueError, match="message id"):
        output_sequence_id(message_id)
