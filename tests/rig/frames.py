"""Pulsar's frames: what a client sends, as far as tests look into it (the binary protocol's documentation)."""

import attrs

SIZE_BYTES = 4
PRODUCER, SEND = 5, 6
"""Types of commands, which are their fields' numbers, too."""
_VARINT, _BYTES = 0, 2


@attrs.define
class Frames:
    """Cuts a stream into frames."""

    _rest: bytes = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that are complete now, with their sizes."""
        self._rest += data
        frames = []
        while len(self._rest) >= SIZE_BYTES:
            end = SIZE_BYTES + int.from_bytes(self._rest[:SIZE_BYTES])
            if len(self._rest) < end:
                break
            frames.append(self._rest[:end])
            self._rest = self._rest[end:]
        return frames


@attrs.define
class Producers:
    """The producers of one connection, and which of them are forgotten: what those send is dropped."""

    topics: dict[int, str] = attrs.field(factory=dict)
    forgotten: set[int] = attrs.field(factory=set)

    def forget(self, topic: str) -> None:
        """Drop all that the topic's producers of now send."""
        self.forgotten |= {number for number, name in self.topics.items() if name.endswith(topic)}

    def passes(self, frame: bytes) -> bool:
        """Whether the broker gets a frame."""
        size = int.from_bytes(frame[SIZE_BYTES : 2 * SIZE_BYTES])
        command = _fields(frame[2 * SIZE_BYTES : 2 * SIZE_BYTES + size])
        if command[1] == PRODUCER:
            producer = _fields(_content(command, PRODUCER))
            self.topics[_number(producer, 2)] = _content(producer, 1).decode()
        return not (command[1] == SEND and _number(_fields(_content(command, SEND)), 1) in self.forgotten)


def _fields(message: bytes) -> dict[int, int | bytes]:
    """A protobuf message's last value of each number; of varints and whatever has a length."""
    fields: dict[int, int | bytes] = {}
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        value, position = _varint(message, position)
        fields[tag >> 3] = value
        if tag & 7 == _BYTES:
            fields[tag >> 3] = message[position : position + value]
            position += value
        elif tag & 7 != _VARINT:
            raise ValueError(f"field {tag >> 3} has wire type {tag & 7}")
    return fields


def _number(fields: dict[int, int | bytes], number: int) -> int:
    value = fields.get(number, 0)
    assert isinstance(value, int)
    return value


def _content(fields: dict[int, int | bytes], number: int) -> bytes:
    value = fields[number]
    assert isinstance(value, bytes)
    return value


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
