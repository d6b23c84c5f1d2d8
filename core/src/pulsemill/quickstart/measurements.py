"""Counts and latencies of one function in one run.

One thread records, others read: every field is replaced or appended to atomically, and figures of a running measurement
may be a message behind.
"""

import math
from array import array
from collections.abc import Sequence

import attrs


@attrs.define
class Measurement:
    """Outputs so far, with their latencies in seconds from sending the input to receiving the output."""

    outputs: int = 0
    latencies: array[float] = attrs.field(factory=lambda: array("d"))
    first_sent: float = math.inf
    last_received: float = -math.inf

    def record(self, sent: float, received: float) -> None:
        """Count an output; both times in seconds of the same clock."""
        self.latencies.append(max(0.0, received - sent))
        self.first_sent = min(self.first_sent, sent)
        self.last_received = max(self.last_received, received)
        self.outputs += 1

    @property
    def rate(self) -> float | None:
        """Outputs per second, from the first input sent to the last output received; None for none."""
        seconds = self.last_received - self.first_sent
        return self.outputs / seconds if self.outputs and seconds > 0 else None

    def percentile(self, percent: float) -> float | None:
        """A latency that this share of the outputs did not exceed, in milliseconds; None for none."""
        return percentile(self.latencies, percent)


def percentile(latencies: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile of seconds, in milliseconds; None of nothing."""
    if not latencies:
        return None
    ordered = sorted(latencies)
    return 1000 * ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
