"""FunctionState: what comes and goes over REST."""

from hypothesis import given
from hypothesis import strategies as st

from pulsemill.functions.reading import read_object
from pulsemill.state.values import FunctionState, to_json
from pulsemill_instance.state.values import StateValue

VALUES = st.builds(StateValue, st.binary(max_size=12), is_number=st.just(False), version=st.integers(0, 2**31))


@given(VALUES)
def test_what_is_read_can_be_written_back_unchanged(found: StateValue) -> None:
    document = to_json("k", found)
    assert read_object(FunctionState, document, "state").stored_value() == found.value


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_is_stored_in_eight_bytes(number: int) -> None:
    value = FunctionState(number_value=number).stored_value()
    assert value == number.to_bytes(8, "big", signed=True)
    assert to_json("k", StateValue(value, is_number=False, version=0))["numberValue"] == number
