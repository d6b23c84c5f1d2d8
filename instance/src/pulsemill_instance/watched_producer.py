"""A producer with the client's own timeout, and whether it is of any use still.

Such producers send what a function publishes by itself, dead letters, late messages and log records. A message of
theirs that times out tells of a broker that is slow or absent, or of a producer that one side has forgotten (see
`patience`). What holds it asks before its next message, and replaces it.
"""

import contextlib
import time
from typing import Any

import attrs
import pulsar

from pulsemill_instance.patience import RECONNECT_SECONDS


@attrs.define(eq=False)
class WatchedProducer:
    """`heard` is called by the client's threads, everything else by the one thread at a time that sends."""

    producer: Any
    timed_out: bool = False
    """Whether a message timed out since `is_forgotten` was asked."""
    _in_vain_since: float | None = None
    """When the first message timed out of those since the last one that was stored."""

    def heard(self, result: Any) -> None:
        """The fate of a message."""
        if result == pulsar.Result.Timeout:
            self._in_vain_since = self._in_vain_since or time.monotonic()
            self.timed_out = True
        elif result == pulsar.Result.Ok:
            self._in_vain_since = None

    def is_forgotten(self) -> bool:
        """Whether another producer should take over: the broker forgot it, or the client forgot to connect it again.

        A broker that was away for as long makes the same impression, and a new producer is no loss then.
        """
        if not self.timed_out:
            return False
        self.timed_out = False
        if self.producer.is_connected():
            return True
        since = self._in_vain_since
        return since is not None and time.monotonic() - since > RECONNECT_SECONDS

    def close(self) -> None:
        """Close the producer, which may have lost its connection."""
        with contextlib.suppress(pulsar.PulsarException):
            self.producer.close()
