"""Where the engine's next messages come from.

One input: the engine's own thread asks its consumer. Several inputs: a puller thread each asks its consumer and hands
over whole lists, at most one ahead; the engine's thread takes them from a queue. Pullers own nothing else, skip an
input that is held back, and end with `close`.
"""

import queue
import threading
import time
from typing import Any, Protocol

import attrs
import pulsar

from pulsemill_instance.consumers import Input
from pulsemill_instance.errors import InstanceFatalError
from pulsemill_instance.interfaces import InputMessage

_IDLE_MS = 200
_BUSY_SECONDS = 0.002
_CLOSE_SECONDS = 2.0

Batch = tuple[Input, list[InputMessage]]


class Receiver(Protocol):
    """A source of batches."""

    def receive(self, *, busy: bool, one_by_one: bool) -> Batch | None:
        """The next messages, or None after a wait: about 2 ms when `busy`, 0.2 s otherwise.

        `one_by_one` takes a single message, so that those behind it stay where another instance may get them.
        """

    def close(self) -> None:
        """Stop receiving; what was not returned stays unacknowledged."""


def create_receiver(inputs: list[Input]) -> Receiver:
    """The cheapest receiver for these inputs."""
    return SingleReceiver(inputs[0]) if len(inputs) == 1 else PullingReceiver(inputs)


@attrs.define
class SingleReceiver:
    """Asks one consumer in the caller's thread.

    A batch receive waits its whole time unless a full batch is there, so that it serves a running stream; the first
    message after a pause is received alone, at once.
    """

    source: Input
    _streaming: bool = False

    def receive(self, *, busy: bool, one_by_one: bool) -> Batch | None:
        """See Receiver."""
        if self.source.is_held_back:
            time.sleep(_BUSY_SECONDS)
            return None
        try:
            streaming = (self._streaming or busy) and not one_by_one
            messages = self.source.raw.batch_receive() if streaming else self._receive_one(busy=busy)
        except pulsar.PulsarException as error:
            raise InstanceFatalError(f"cannot receive from input {self.source.topic} any more: {error}") from error
        self._streaming = bool(messages)
        return (self.source, messages) if messages else None

    def _receive_one(self, *, busy: bool) -> list[Any]:
        try:
            return [self.source.raw.receive(int(_BUSY_SECONDS * 1000) if busy else _IDLE_MS)]
        except pulsar.Timeout:
            return []

    def close(self) -> None:
        """See Receiver."""


class PullingReceiver:
    """Asks several consumers, each in a thread of its own."""

    def __init__(self, inputs: list[Input]) -> None:
        self._batches: queue.Queue[Batch | InstanceFatalError] = queue.Queue(maxsize=len(inputs))
        self._closed = threading.Event()
        self._one_by_one = False
        self._pullers = [
            threading.Thread(target=self._pull, args=(source,), name=f"pull {source.topic}", daemon=True)
            for source in inputs
        ]
        for puller in self._pullers:
            puller.start()

    def receive(self, *, busy: bool, one_by_one: bool) -> Batch | None:
        """See Receiver."""
        self._one_by_one = one_by_one
        try:
            batch = self._batches.get(timeout=_BUSY_SECONDS if busy else _IDLE_MS / 1000)
        except queue.Empty:
            return None
        if isinstance(batch, InstanceFatalError):
            raise batch
        return batch

    def close(self) -> None:
        """See Receiver."""
        self._closed.set()
        for puller in self._pullers:
            puller.join(_CLOSE_SECONDS)

    def _pull(self, source: Input) -> None:
        receiver = SingleReceiver(source)
        while not self._closed.is_set():
            if source.is_held_back:
                self._closed.wait(_IDLE_MS / 1000)
                continue
            try:
                batch: Batch | InstanceFatalError | None = receiver.receive(busy=False, one_by_one=self._one_by_one)
            except InstanceFatalError as error:
                batch = error
            except BaseException as error:  # noqa: BLE001  # whatever it is, the engine's thread has to know of it
                batch = InstanceFatalError(f"cannot receive from input {source.topic} any more: {error!r}")
            if batch is not None:
                self._hand_over(batch)
            if isinstance(batch, InstanceFatalError):
                return

    def _hand_over(self, batch: Batch | InstanceFatalError) -> None:
        while not self._closed.is_set():
            try:
                self._batches.put(batch, timeout=_IDLE_MS / 1000)
            except queue.Full:
                continue
            return
