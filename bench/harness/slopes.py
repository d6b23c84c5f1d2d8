"""Whether a figure grows: a line through its samples, and how far noise alone may tilt it."""

import math
import statistics
from collections.abc import Sequence
from pathlib import Path

import attrs

_WARM_UP_SHARE = 0.2
_TILT = 1.5  # as far as one step in the middle tilts a line
_ARENA_KIB = 1024  # Python takes memory from the system in such pieces


@attrs.frozen
class Sample:
    """What a process holds at a moment, `at` in seconds from the start."""

    at: float
    rss_kib: int
    descriptors: int
    threads: int


@attrs.frozen
class Slope:
    """Growth an hour, and what of it noise explains.

    That is two standard deviations of the samples around their line, but at least one step by a grain, over the time
    measured.
    """

    per_hour: float
    noise: float

    @property
    def within_noise(self) -> bool:
        """Whether it may as well be 0."""
        return abs(self.per_hour) <= self.noise


def slope(times: Sequence[float], values: Sequence[float], grain: float = 0) -> Slope:
    """The slope of samples at `times` in seconds, at least two; `grain` is the least by which the figure can grow."""
    line = statistics.linear_regression(times, values)
    around = (value - line.intercept - line.slope * at for at, value in zip(times, values, strict=True))
    deviation = math.sqrt(statistics.fmean(rest**2 for rest in around))
    hours = (times[-1] - times[0]) / 3600
    return Slope(line.slope * 3600, max(2 * deviation, _TILT * grain) / hours)


def warm(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Without the first part, in which caches and pools fill."""
    return [sample for sample in samples if sample.at >= samples[-1].at * _WARM_UP_SHARE]


def slopes(samples: Sequence[Sample]) -> dict[str, Slope]:
    """The slope of each figure."""
    times = [sample.at for sample in samples]
    columns = {
        "memory, KiB": ([sample.rss_kib for sample in samples], _ARENA_KIB),
        "descriptors": ([sample.descriptors for sample in samples], 1),
        "threads": ([sample.threads for sample in samples], 1),
    }
    return {name: slope(times, column, grain) for name, (column, grain) in columns.items()}


def take_sample(pid: int, at: float) -> Sample:
    """Read a process's figures; OSError when it has ended."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Sample(at, int(status["VmRSS"].split()[0]), descriptors, int(status["Threads"]))
