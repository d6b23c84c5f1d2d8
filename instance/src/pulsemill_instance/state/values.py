"""Values of state as every store keeps them, so that functions in any language read them."""

import struct

import attrs

_NUMBER = struct.Struct(">q")
_RANGE = 2**64


@attrs.frozen
class StateValue:
    """A stored value; `is_number` for a counter, whose bytes are its number. The version counts the writes from 0."""

    value: bytes
    is_number: bool
    version: int

    @property
    def number(self) -> int | None:
        """The bytes as a number, None when they are no eight."""
        return decode_number(self.value) if len(self.value) == _NUMBER.size else None


def encode_number(number: int) -> bytes:
    """A 64-bit number as Java's ByteBuffer writes it: eight bytes, the most significant first."""
    return _NUMBER.pack(number)


def decode_number(value: bytes) -> int:
    """The number that eight bytes are."""
    number: int = _NUMBER.unpack(value)[0]
    return number


def wrapped(number: int) -> int:
    """What 64 bits keep of a sum, as the table service adds."""
    return (number + _RANGE // 2) % _RANGE - _RANGE // 2
