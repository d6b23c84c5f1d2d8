"""How long an output may be on its way to a broker that is there.

A topic that is unloaded in the very moment in which a producer connects to it leaves a producer that takes itself for
connected, and a broker that ignores what it sends: no flush of it ends, and no callback is called. Neither does a
timeout of the client help, which would hit outputs that wait for an absent broker, too.
"""

import time
from typing import Any

import pulsar

from pulsemill_instance.output_producer import OutputProducer

PATIENCE_SECONDS = 30.0
"""The client's own default for a send."""
_PATIENCE_SECONDS_EACH = 0.1
"""A topic may be limited to few messages a second."""
_LOOK_SECONDS = 1.0


def is_forgotten(producer: Any, result: Any) -> bool:
    """Whether a producer with a timeout of its own, for one of whose messages the client tells this, is of no use."""
    return result == pulsar.Result.Timeout and bool(producer.is_connected())


class Patience:
    """Tells a broker that is slow or absent from one that has forgotten a producer. Owned by the engine's thread."""

    def __init__(self) -> None:
        self._next_look = 0.0
        self._absent_at = 0.0

    def is_over(self, oldest_at: float, waiting: int, producers: list[OutputProducer]) -> bool:
        """Whether the oldest of the outputs that wait, sent at `oldest_at` by the monotonic clock, waits too long."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        if not all(producer.is_connected() for producer in producers):
            self._absent_at = now
            return False
        return now - max(oldest_at, self._absent_at) > PATIENCE_SECONDS + waiting * _PATIENCE_SECONDS_EACH
