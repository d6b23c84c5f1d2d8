"""Inputs that go to another topic as they are: those that failed too often, and those that came too late for a window.

Owned by the engine's thread. The client's threads only put confirmations into a queue; an input is acknowledged once
its copy is stored, and asked for again if that fails.
"""

import contextlib
import logging
import queue
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

import attrs
import pulsar
from pulsar.schema import BytesSchema

from pulsemill_instance.consumers import Input
from pulsemill_instance.copies import send_copy
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.output_producer import EncodedSchema
from pulsemill_instance.stats import Stats
from pulsemill_instance.watched_producer import WatchedProducer

_LOGGER = logging.getLogger(__name__)
_WAIT_SECONDS = 0.1
_REOPEN_SECONDS = 1.0


class Forwarding(Protocol):
    """What the engine asks of whatever forwards."""

    def turn(self) -> None:
        """Settle what was stored. Never waits."""

    def drain(self, seconds: float) -> None:
        """Settle until nothing is on its way, for some seconds at most."""

    def close(self) -> None:
        """Close the producers."""


@attrs.define(eq=False)
class Forwarder:
    """Copies inputs to one topic; its producer is opened by the first. `arguments` are those of create_producer."""

    client: pulsar.Client
    topic: str
    arguments: Mapping[str, Any]
    stats: Stats
    _producer: WatchedProducer | None = None
    _refused_until: float = 0.0
    _refusal: str = ""
    _waiting: int = 0
    _confirmations: queue.SimpleQueue[tuple[Input, InputMessage, Any]] = attrs.field(factory=queue.SimpleQueue)

    def forward(self, source: Input, message: InputMessage, properties: Mapping[str, str]) -> None:
        """Send a copy in the background, with further properties."""
        try:
            watched = self._open(source)
            send_copy(watched.producer, message, properties, partial(self._confirmed, watched, source, message))
        except (pulsar.PulsarException, ValueError, TypeError, InstanceError) as error:
            self._failed(source, message, str(error))
            return
        self._waiting += 1

    def turn(self) -> None:
        """Settle what was confirmed. Never waits."""
        while not self._confirmations.empty():
            self._settle(*self._confirmations.get())

    def drain(self, seconds: float) -> None:
        """Settle until nothing is on its way, for some seconds at most."""
        deadline = time.monotonic() + seconds
        while self._waiting and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._settle(*self._confirmations.get(timeout=_WAIT_SECONDS))

    def close(self) -> None:
        """Close the producer; another message opens a new one."""
        watched, self._producer = self._producer, None
        if watched is not None:
            watched.close()

    def _open(self, source: Input) -> WatchedProducer:
        if self._producer is not None and self._producer.is_forgotten():
            self.close()
        if self._producer is None:
            schema = BytesSchema() if source.schema is None else EncodedSchema(source.schema)
            self._producer = WatchedProducer(self._create(schema))
        return self._producer

    def _create(self, schema: Any) -> Any:
        """A producer; what the broker refused once is refused for a while, without asking it again for each message."""
        if time.monotonic() < self._refused_until:
            raise InstanceError(self._refusal)
        try:
            return self.client.create_producer(self.topic, schema=schema, **self.arguments)
        except (pulsar.PulsarException, ValueError) as error:
            self._refused_until, self._refusal = time.monotonic() + _REOPEN_SECONDS, str(error)
            raise

    def _confirmed(
        self, watched: WatchedProducer, source: Input, message: InputMessage, result: Any, _message_id: Any
    ) -> None:
        watched.heard(result)
        self._confirmations.put((source, message, result))

    def _settle(self, source: Input, message: InputMessage, result: Any) -> None:
        self._waiting -= 1
        if result == pulsar.Result.Ok:
            source.acknowledge(message)
            return
        self._failed(source, message, result.name)

    def _failed(self, source: Input, message: InputMessage, reason: str) -> None:
        text = f"could not forward a message of {source.topic} to {self.topic}: {reason}"
        self.stats.system_exception(text, text)
        _LOGGER.error("%s", text)
        source.ask_again(message)
