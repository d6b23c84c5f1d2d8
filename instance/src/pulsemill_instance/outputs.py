"""The outputs on their way to the broker, and the inputs that wait for them.

Owned by the engine's thread. The client's threads only put confirmations into a queue. Outputs are confirmed in bulk:
all that were sent since the last flush are covered by the next one, and at most one flush is on its way, during which
further messages are processed. Outputs which the client may reject by itself are confirmed one by one. So is the first
of each producer that a flush covers: a client that drops what it had queued (for a topic over its backlog quota) tells
callbacks alone, and its flush finds nothing wrong afterwards.
"""

import queue
import time
from functools import partial
from typing import Any, Protocol

import attrs
import pulsar

from pulsemill_instance.consumers import Input
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.output_producer import OutputProducer
from pulsemill_instance.producer_pool import ProducerPool

Entry = tuple[Input, InputMessage, bytes]
"""An input message with its serialized id."""

# Far below every broker's limit, and far above what is sent most.
_COVERED_BYTES = 64 * 1024
_UNFLUSHED_BYTES = 4 * 1024 * 1024
_WAIT_SECONDS = 0.1
_OWN_PROPERTIES = 2
# After these the producer goes on; after any other failure it is replaced.
_HARMLESS = frozenset(
    {pulsar.Result.MessageTooBig, pulsar.Result.InvalidMessage, pulsar.Result.CryptoError, pulsar.Result.Timeout}
)


class Settlement(Protocol):
    """What becomes of an input once the fate of its output is known."""

    def stored(self, entries: list[Entry]) -> None:
        """Their outputs are stored."""

    def rejected(self, entries: list[Entry], reason: str) -> None:
        """Their outputs may be lost."""


@attrs.define(eq=False)
class _Flush:
    entries: list[Entry] = attrs.field(factory=list)
    asked: set[OutputProducer] = attrs.field(factory=set)
    """Whose first output is confirmed by itself too."""
    waiting: int = 0
    """How many confirmations are due."""
    failure: Any = None


@attrs.define(eq=False)
class _First:
    flush: _Flush


@attrs.define(eq=False)
class _Single:
    entry: Entry
    size: int
    producer: OutputProducer


class Outputs:
    """A bounded window of `capacity` outputs to one topic."""

    def __init__(self, topic: str, settlement: Settlement, producers: ProducerPool, capacity: int) -> None:
        self._topic = topic
        self._settlement = settlement
        self._producers = producers
        self._capacity = capacity
        self._confirmations: queue.SimpleQueue[tuple[_Flush | _First | _Single, Any]] = queue.SimpleQueue()
        self._covered = _Flush()
        self._flush: _Flush | None = None
        self._waiting = 0
        self._single_bytes = 0
        self._unflushed_bytes = 0
        self._unflushed = False
        self.full = False
        """Whether no more may be sent before something is confirmed; plain, for it is read after every message."""

    @property
    def in_flight(self) -> bool:
        """Whether any input waits for its output."""
        return self._waiting > 0

    def send(self, entry: Entry, payload: bytes, properties: dict[str, str], sequence: int | None) -> None:
        """Queue an output; raises InstanceError when there is no producer for it.

        What the client rejects by itself is settled at once: its guarantee may allow nothing to be stored behind it.
        """
        producer = self._producers.only or self._producers.get(entry[1])
        size = len(payload)
        if len(properties) > _OWN_PROPERTIES:
            size += sum(map(len, properties)) + sum(map(len, properties.values()))
        covered = producer.flush_confirms and size <= _COVERED_BYTES
        if covered:
            flush = self._covered
            first = producer not in flush.asked
            producer.send(
                payload, properties, sequence, partial(self._first_confirmed, _First(flush)) if first else None
            )
            flush.entries.append(entry)
            if first:
                flush.asked.add(producer)
                flush.waiting += 1
        else:
            single = _Single(entry, size, producer)
            producer.send(payload, properties, sequence, partial(self._single_confirmed, single))
            self._single_bytes += size
            producer.waiting += 1
        self._waiting += 1
        self._unflushed_bytes += size
        self._unflushed = True
        if not covered:
            self._settle_confirmed()
        self.full = self._waiting >= self._capacity or self._unflushed_bytes + self._single_bytes >= _UNFLUSHED_BYTES

    def turn(self) -> None:
        """Settle what was confirmed and send what lingers. Never waits."""
        self._settle_confirmed()
        if self._unflushed and self._flush is None:
            self._start_flush()
        self._producers.close_idle()
        self.full = self._waiting >= self._capacity or self._unflushed_bytes + self._single_bytes >= _UNFLUSHED_BYTES

    def wait(self, seconds: float = _WAIT_SECONDS) -> None:
        """Turn, and wait for one confirmation if any is due."""
        self.turn()
        if not self.in_flight:
            return
        try:
            self._settle(*self._confirmations.get(timeout=seconds))
        except queue.Empty:
            return
        self.turn()

    def drain(self, seconds: float) -> bool:
        """Turn and wait until nothing is in flight; False when that took longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while self.in_flight and time.monotonic() < deadline:
            self.wait()
        return not self.in_flight

    def close(self) -> None:
        """Close the producers; what is still in flight stays unacknowledged."""
        self._producers.close()

    def _start_flush(self) -> None:
        producers = self._producers.opened()
        flush = self._flush = self._covered
        flush.waiting += len(producers)
        self._covered, self._unflushed_bytes, self._unflushed = _Flush(), 0, False
        for producer in producers:
            producer.flush(partial(self._flush_confirmed, flush))

    def _first_confirmed(self, first: _First, result: Any, _message_id: Any) -> None:
        self._confirmations.put((first, result))

    def _flush_confirmed(self, flush: _Flush, result: Any) -> None:
        self._confirmations.put((flush, result))

    def _single_confirmed(self, single: _Single, result: Any, _message_id: Any) -> None:
        self._confirmations.put((single, result))

    def _settle_confirmed(self) -> None:
        while not self._confirmations.empty():
            self._settle(*self._confirmations.get())

    def _settle(self, confirmed: _Flush | _First | _Single, result: Any) -> None:
        if isinstance(confirmed, _First):  # whose producer goes on, or fails the flush as well
            self._settle_flush(confirmed.flush, result)
            return
        if result != pulsar.Result.Ok and result not in _HARMLESS:
            self._replace_producers()
        if isinstance(confirmed, _Flush):
            self._settle_flush(confirmed, result)
            return
        self._single_bytes -= confirmed.size
        confirmed.producer.waiting -= 1
        self._tell([confirmed.entry], None if result == pulsar.Result.Ok else result)

    def _settle_flush(self, flush: _Flush, result: Any) -> None:
        flush.waiting -= 1
        flush.failure = flush.failure if result == pulsar.Result.Ok else result
        if flush is self._flush and flush.waiting == 0:
            self._flush = None
            self._tell(flush.entries, flush.failure)

    def _tell(self, entries: list[Entry], failure: Any) -> None:
        if not entries:
            return
        self._waiting -= len(entries)
        if failure is None:
            self._settlement.stored(entries)
        else:
            self._settlement.rejected(entries, f"the broker did not store the output on {self._topic}: {failure.name}")

    def _replace_producers(self) -> None:
        """Forget all producers: the client closes a failed one, the next message opens another.

        The fate of what they had not flushed yet is unknown.
        """
        unflushed = self._covered.entries
        self._covered, self._unflushed_bytes, self._unflushed = _Flush(), 0, False
        self.close()
        self._tell(unflushed, pulsar.Result.AlreadyClosed)
