"""A client whose producers do what the test wants."""

from collections.abc import Callable
from typing import Any

import attrs


@attrs.define(eq=False)
class Producer:
    """Keeps what it was given."""

    connected: bool = True
    closed: bool = False
    callbacks: list[Callable[[Any, Any], None]] = attrs.field(factory=list)
    payloads: list[bytes] = attrs.field(factory=list)
    _producer: Any = None

    def is_connected(self) -> bool:
        return self.connected

    def send_async(self, payload: bytes, callback: Any, **_options: Any) -> None:
        self.payloads.append(payload)
        self.callbacks.append(callback)

    def flush(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        self.closed = True


@attrs.define(eq=False)
class Client:
    """Makes producers; raises a refusal instead while it has one."""

    refusal: Exception | None = None
    asked: int = 0
    producers: list[Producer] = attrs.field(factory=list)

    def create_producer(self, _topic: str, **_arguments: Any) -> Producer:
        self.asked += 1
        if self.refusal is not None:
            raise self.refusal
        self.producers.append(Producer())
        return self.producers[-1]
