"""The producers of an output topic, opened when the first message needs them."""

import time
from collections.abc import Callable

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.output_producer import OutputProducer

_REOPEN_SECONDS = 1.0
IDLE_SECONDS = 2.0


def _one_for_all(_: InputMessage) -> None:
    return None


class ProducerPool:
    """One producer for all messages, or one per `name_of(message)` where the broker deduplicates by producer name.

    `open_producer(name)` makes a producer; InstanceError when the broker refuses, and then for a while to everybody.
    """

    def __init__(
        self,
        open_producer: Callable[[str | None], OutputProducer],
        name_of: Callable[[InputMessage], str | None] = _one_for_all,
    ) -> None:
        self._open_producer = open_producer
        self._name_of = name_of
        self._producers: dict[str | None, OutputProducer] = {}
        self.only: OutputProducer | None = None
        """The producer of all messages, if there is such a one and it is open."""
        self._refused_until = 0.0
        self._refusal = ""

    def get(self, message: InputMessage) -> OutputProducer:
        """The producer for a message's output; InstanceError when there is none."""
        name = self._name_of(message)
        producer = self._producers.get(name)
        if producer is None:
            producer = self._producers[name] = self._open(name)
            self.only = producer if self._name_of is _one_for_all else None
        producer.used_at = time.monotonic()
        return producer

    def opened(self) -> list[OutputProducer]:
        """All producers there are."""
        return list(self._producers.values())

    def close_idle(self) -> None:
        """Close named producers that nobody uses: another instance needs the name when it takes over the input."""
        if self._name_of is _one_for_all:
            return
        latest = time.monotonic() - IDLE_SECONDS
        for name, producer in list(self._producers.items()):
            if not producer.waiting and producer.used_at < latest:
                del self._producers[name]
                producer.close()

    def close(self) -> None:
        """Close them; the next message opens another."""
        producers = self.opened()
        self._producers.clear()
        self.only = None
        for producer in producers:
            producer.close()

    def _open(self, name: str | None) -> OutputProducer:
        if time.monotonic() < self._refused_until:
            raise InstanceError(self._refusal)
        try:
            return self._open_producer(name)
        except InstanceError as error:
            self._refused_until = time.monotonic() + _REOPEN_SECONDS
            self._refusal = str(error)
            raise
