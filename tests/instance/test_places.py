"""Where messages stand, and which follow which."""

import _pulsar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.message_ids import output_sequence_id
from pulsemill_instance.places import Place, follows, place_of, place_of_output


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**20 - 1), st.integers(-1, 2**12 - 1))
def test_the_number_of_an_output_tells_the_place_of_its_input(ledger: int, entry: int, index: int) -> None:
    message_id = _pulsar.MessageId(3, ledger, entry, index)
    assert place_of_output(output_sequence_id(message_id)) == place_of(message_id) == (ledger, entry, max(index, 0))


def test_the_number_of_no_output_tells_no_place() -> None:
    assert place_of_output(-1) is None


@pytest.mark.parametrize(
    ("place", "last", "expected"),
    [
        ((5, 0, 0), None, True),
        ((5, 1, 0), None, False),
        ((5, 0, 1), None, False),
        ((5, 7, 3), (5, 7, 2), True),
        ((5, 8, 0), (5, 7, 2), True),
        ((5, 9, 0), (5, 7, 2), False),
        ((6, 0, 0), (5, 7, 2), True),
        ((6, 1, 0), (5, 7, 2), False),
        ((5, 7, 2), (5, 7, 2), True),
        ((4, 9, 0), (5, 7, 2), True),
    ],
)
def test_what_follows(place: Place, last: Place | None, expected: bool) -> None:
    assert follows(place, last) is expected
