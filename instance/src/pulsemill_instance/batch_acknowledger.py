"""Acknowledges batches as wholes, once every message in them is settled.

A broker that is not set up for more keeps no acknowledgement of a part of a batch, so that the client holds those of
single messages back until their batch is complete. To do so here, by the serialized message ids that outputs carry
anyway, spares a call of the client for every message. Owned by the engine's thread.
"""

from typing import Any

import attrs

from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.message_ids import whole_batch_id

MOST_BATCHES = 10_000
"""Of how many unfinished batches is remembered what is settled; one that is forgotten comes again."""
_BATCH_INDEX, _BATCH_SIZE = 0x20, 0x30  # tags of MessageIdData: field number and wire type
_TWO_BYTES = 1 << 14


@attrs.define(eq=False)
class _Batch:
    """`start` is what the ids of its messages begin with, up to the batch index; `settled` has a byte for each."""

    start: bytes
    settled: bytearray
    left: int


_NONE = _Batch(b"\xff", bytearray(), 0)


class BatchAcknowledger:
    """For a consumer of the client's own, none of whose features follows acknowledgements of single messages."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._batches: dict[bytes, _Batch] = {}
        self._last = _NONE

    def acknowledge(self, message: InputMessage, identifier: bytes) -> None:
        """A message is settled; `identifier` is its serialized id. PulsarException as the client raises it."""
        batch = self._last
        if not identifier.startswith(batch.start):
            found = self._find(identifier)
            if found is None:
                self._consumer.acknowledge(message)
                return
            batch = self._last = found
        place = len(batch.start)
        index = identifier[place]
        if index & 0x80:
            index = index & 0x7F | identifier[place + 1] << 7
        if batch.settled[index]:
            return
        batch.settled[index] = 1
        batch.left -= 1
        if not batch.left:
            self._complete(batch, message)

    def _find(self, identifier: bytes) -> _Batch | None:
        place, size = batch_of(identifier)
        if not 1 < size < _TWO_BYTES:
            return None
        start = identifier[:place]
        batch = self._batches.get(start)
        if batch is None:
            if len(self._batches) >= MOST_BATCHES:
                del self._batches[next(iter(self._batches))]
            batch = self._batches[start] = _Batch(start, bytearray(size), size)
        return batch

    def _complete(self, batch: _Batch, message: InputMessage) -> None:
        self._last = _NONE
        self._batches.pop(batch.start, None)
        self._consumer.acknowledge(whole_batch_id(message.message_id(), message.topic_name()))


def batch_of(identifier: bytes) -> tuple[int, int]:
    """Where a serialized id (Pulsar's MessageIdData) has its batch index, and its batch's size; 0 if it has none."""
    place = size = at = 0
    while at < len(identifier):
        tag = identifier[at]
        if tag & 0x07:  # no number: the id of a message in chunks
            return 0, 0
        value, after = _number(identifier, at + 1)
        if tag == _BATCH_INDEX:
            place = at + 1
        elif tag == _BATCH_SIZE:
            size = value
        at = after
    return (place, size) if place else (0, 0)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A base-128 number, and where it ends."""
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1
