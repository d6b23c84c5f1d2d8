"""How long an output may be on its way to a broker that is there.

A topic that is unloaded in the very moment in which a producer connects to it leaves a producer that takes itself for
connected, and a broker that ignores what it sends: no flush of it ends, and no callback is called. Neither does a
timeout of the client help, which would hit outputs that wait for an absent broker, too. Seldom a client forgets to
connect a producer again: then the inputs have a connection, and the producer has none for longer than any pause of the
client.
"""

import time
from collections.abc import Callable

from pulsemill_instance.output_producer import OutputProducer

PATIENCE_SECONDS = 30.0
"""The client's own default for a send."""
_PATIENCE_SECONDS_EACH = 0.1
"""A topic may be limited to few messages a second."""
RECONNECT_SECONDS = 120.0
"""Twice the longest pause that the client makes before it tries to connect again."""
_LOOK_SECONDS = 1.0


class Patience:
    """Tells a broker that is slow or absent from a producer that one side has forgotten. Owned by the engine's thread.

    `others_connected` tells whether the inputs have a connection.
    """

    def __init__(self, others_connected: Callable[[], bool]) -> None:
        self._others_connected = others_connected
        self._next_look = 0.0
        self._absent_at = 0.0
        self._not_alone_at = 0.0
        """When the producers last had what the inputs had: a connection, or none."""

    def is_over(self, oldest_at: float, waiting: int, producers: list[OutputProducer]) -> bool:
        """Whether the oldest of the outputs that wait, sent at `oldest_at` by the monotonic clock, waits too long."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        if all(producer.is_connected() for producer in producers):
            self._not_alone_at = now
            return now - max(oldest_at, self._absent_at) > PATIENCE_SECONDS + waiting * _PATIENCE_SECONDS_EACH
        self._absent_at = now
        if not self._others_connected():
            self._not_alone_at = now
        return now - max(oldest_at, self._not_alone_at) > RECONNECT_SECONDS
