"""The outputs on their way to the broker, and the inputs that wait for them.

Owned by the engine's thread. The client's threads only put confirmations into a queue. Outputs are confirmed in bulk:
all that were sent since the last flush are covered by the next one, and at most one flush is on its way, during which
further messages are processed. Outputs which the client may reject by itself are confirmed one by one. So is the first
of each producer that a flush covers: a client that drops what it had queued (for a topic over its backlog quota) tells
callbacks alone, and its flush finds nothing wrong afterwards. What a broker that is there does not confirm for long is
given up, with its producer (see `patience`).
"""

import logging
import queue
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any, Protocol

import pulsar

from pulsemill_instance.in_flight import Entry, First, Flush, Flushed, Single
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.patience import Patience
from pulsemill_instance.producer_pool import ProducerPool

_LOGGER = logging.getLogger(__name__)
# Far below every broker's limit, and far above what is sent most.
_COVERED_BYTES = 64 * 1024
_UNFLUSHED_BYTES = 4 * 1024 * 1024
_WAIT_SECONDS = 0.1
_OWN_PROPERTIES = 2
_UNSENDABLE = frozenset({pulsar.Result.MessageTooBig, pulsar.Result.InvalidMessage})
# After these the producer goes on; after any other failure it is replaced.
_HARMLESS = _UNSENDABLE | {pulsar.Result.CryptoError, pulsar.Result.Timeout}


class Settlement(Protocol):
    """What becomes of an input once the fate of its output is known."""

    def stored(self, entries: list[Entry]) -> None:
        """Their outputs are stored."""

    def rejected(self, entries: list[Entry], reason: str, *, for_good: bool = False) -> None:
        """Their outputs may be lost; `for_good`: none like them can ever be stored."""


class Outputs:
    """A bounded window of `capacity` outputs to one topic."""

    def __init__(
        self,
        topic: str,
        settlement: Settlement,
        producers: ProducerPool,
        capacity: int,
        inputs_connected: Callable[[], bool] = lambda: False,
    ) -> None:
        self.topic = topic
        self._settlement = settlement
        self._producers = producers
        self._capacity = capacity
        self._confirmations: queue.SimpleQueue[tuple[Flushed | First | Single, Any]] = queue.SimpleQueue()
        self._covered = Flush()
        self._flush: Flush | None = None
        self._singles: dict[Single, None] = {}  # the oldest first
        self._patience = Patience(inputs_connected)
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

    def last_sequence_id(self, message: InputMessage) -> int:
        """The highest number that was stored before under the name of a message's producer; -1 for none.

        Opens that producer; InstanceError when the broker refuses.
        """
        return self._producers.get(message).last_sequence_id

    @property
    def is_connected(self) -> bool:
        """Whether the client has a connection for each producer that there is. May be asked from any thread."""
        return all(producer.is_connected() for producer in self._producers.opened())

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
                payload, properties, sequence, partial(self._first_confirmed, First(flush)) if first else None
            )
            flush.entries.append(entry)
            if first:
                flush.asked.add(producer)
                flush.waiting += 1
        else:
            single = Single(entry, size, producer)
            producer.send(payload, properties, sequence, partial(self._single_confirmed, single))
            self._singles[single] = None
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
        if self._waiting and self._patience.is_over(self._oldest_at(), self._waiting, self._producers.opened()):
            self._give_up()
        if self._flush is None:  # a flush waits for all producers
            self._producers.close_idle()
            if self._unflushed:
                self._start_flush()
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
        producers, self._unflushed = self._producers.opened(), False
        if not producers:
            return
        flush = self._flush = self._covered
        flush.waiting += len(producers)
        flush.began_at = time.monotonic()
        self._covered, self._unflushed_bytes = Flush(), 0
        for producer in producers:
            producer.flush(partial(self._flush_confirmed, Flushed(flush, producer)))

    def _first_confirmed(self, first: First, result: Any, _message_id: Any) -> None:
        self._confirmations.put((first, result))

    def _flush_confirmed(self, flushed: Flushed, result: Any) -> None:
        self._confirmations.put((flushed, result))

    def _single_confirmed(self, single: Single, result: Any, _message_id: Any) -> None:
        self._confirmations.put((single, result))

    def _settle_confirmed(self) -> None:
        while not self._confirmations.empty():
            self._settle(*self._confirmations.get())

    def _settle(self, confirmed: Flushed | First | Single, result: Any) -> None:
        if isinstance(confirmed, First):  # whose producer goes on, or fails the flush as well
            self._settle_flush(confirmed.flush, result)
            return
        if _breaks_producer(result) and confirmed.producer in self._producers.opened():
            self._replace_producers()
        if isinstance(confirmed, Flushed):
            self._settle_flush(confirmed.flush, result)
        elif confirmed in self._singles:
            self._settle_single(confirmed, result)

    def _settle_single(self, single: Single, result: Any) -> None:
        del self._singles[single]
        self._single_bytes -= single.size
        single.producer.waiting -= 1
        self._tell([single.entry], None if result == pulsar.Result.Ok else result)

    def _settle_flush(self, flush: Flush, result: Any) -> None:
        flush.waiting -= 1
        flush.failure = flush.failure if result == pulsar.Result.Ok else result
        if flush is self._flush and flush.waiting == 0:
            self._flush = None
            self._tell(flush.entries, flush.failure)

    def _oldest_at(self) -> float:
        began_at = [self._flush.began_at] if self._flush else []
        sent_at = [single.sent_at for single in islice(self._singles, 1)]
        return min(began_at + sent_at, default=time.monotonic())

    def _give_up(self) -> None:
        """Forget what the broker does not confirm, with its producers."""
        _LOGGER.error("The broker does not confirm what is sent to %s: a new producer takes over", self.topic)
        entries = [*(self._flush.entries if self._flush else []), *(single.entry for single in self._singles)]
        self._flush, self._single_bytes = None, 0
        self._singles.clear()
        self._replace_producers()
        self._tell(entries, pulsar.Result.Timeout)

    def _tell(self, entries: list[Entry], failure: Any) -> None:
        if not entries:
            return
        self._waiting -= len(entries)
        if failure is None:
            self._settlement.stored(entries)
        else:
            reason = f"the broker did not store the output on {self.topic}: {failure.name}"
            self._settlement.rejected(entries, reason, for_good=failure in _UNSENDABLE)

    def _replace_producers(self) -> None:
        """Forget all producers: the client closes a failed one, the next message opens another.

        The fate of what they had not flushed yet is unknown.
        """
        unflushed = self._covered.entries
        self._covered, self._unflushed_bytes, self._unflushed = Flush(), 0, False
        self.close()
        self._tell(unflushed, pulsar.Result.AlreadyClosed)


def _breaks_producer(result: Any) -> bool:
    return result != pulsar.Result.Ok and result not in _HARMLESS
