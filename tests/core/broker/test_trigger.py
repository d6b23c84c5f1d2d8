"""Recognizing the output that a trigger led to."""

import base64

import pulsar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.broker.trigger import is_about

SENT = pulsar.MessageId(-1, 12, 34, -1)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(-1, 3))
def test_an_id_is_recognized_in_either_alphabet(encode, ledger: int, entry: int, partition: int) -> None:  # noqa: ANN001 a function
    encoded = encode(pulsar.MessageId(partition, ledger, entry, -1).serialize()).decode()
    assert is_about(encoded, pulsar.MessageId(-1, ledger, entry, -1))


def test_another_message_is_not_meant() -> None:
    assert not is_about(base64.b64encode(pulsar.MessageId(-1, 12, 35, -1).serialize()).decode(), SENT)


@pytest.mark.parametrize("encoded", ["", "no base64!", "AAAA", "é"])
def test_garbage_is_not_meant(encoded: str) -> None:
    assert not is_about(encoded, SENT)
