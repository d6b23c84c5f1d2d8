import struct

from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.state.values import StateValue, decode_number, encode_number, wrapped

NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(NUMBERS)
def test_a_number_is_what_java_reads_in_its_bytes(number: int) -> None:
    assert encode_number(number) == number.to_bytes(8, "big", signed=True)
    assert decode_number(encode_number(number)) == number


@given(NUMBERS, NUMBERS)
def test_sums_wrap_around_as_64_bits_do(one: int, other: int) -> None:
    total = struct.unpack(">q", struct.pack(">Q", (one + other) % 2**64))[0]
    assert wrapped(one + other) == total


@given(st.binary(max_size=10))
def test_eight_bytes_are_a_number_too(value: bytes) -> None:
    number = StateValue(value, is_number=False, version=0).number
    assert (number is not None) == (len(value) == 8)
