"""Keys of messages, which need not be text."""

import _pulsar
import pytest

from pulsemill_instance.keys import key_of

BYTES = b"\x00\x80\xff"


@pytest.mark.parametrize(
    ("partition", "ordering", "key"),
    [("p", "", "p"), ("p", "o", "o"), ("", "", ""), ("p", BYTES, BYTES), (BYTES, "", BYTES)],
)
def test_the_ordering_key_comes_first_and_bytes_are_taken_as_they_are(
    partition: str | bytes, ordering: str | bytes, key: str | bytes
) -> None:
    message = _pulsar.MessageBuilder().content(b"x").partition_key(partition).ordering_key(ordering).build()
    assert key_of(message) == key
