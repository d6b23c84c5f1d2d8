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
    """Outputs so far, with their latencies in seconds from sending the input to receiving the output.

    An input's first output counts; delivery is at least once, so others may follow, which are only counted as repeated.
    """

    outputs: int = 0
    repeated: int = 0
    latencies: "array[float]" = attrs.field(factory=lambda: array("d"))
    first_sent: float = math.inf
    last_received: float = -math.inf
    _seen: bytearray = attrs.field(factory=bytearray, init=False, repr=False)

    def record(self, line: int, sent: float, received: float) -> bool:
        """Count an output of a line (from 1), times in seconds of one clock; False when it is not the first."""
        self._seen.extend(bytes(max(0, line + 1 - len(self._seen))))
        if self._seen[line]:
            self.repeated += 1
            return False
        self._seen[line] = 1
        self.latencies.append(max(0.0, received - sent))
        self.first_sent = min(self.first_sent, sent)
        self.last_received = max(self.last_received, received)
        self.outputs += 1
        return True

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
