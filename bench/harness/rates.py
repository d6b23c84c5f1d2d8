"""How fast messages were processed, and the table of it."""

import statistics
from collections.abc import Iterable, Mapping, Sequence

import attrs


@attrs.frozen
class Rate:
    """Outputs that were stored in `seconds`, and what the process that runs the function computed for them."""

    outputs: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Messages a second."""
        return self.outputs / self.seconds

    @property
    def cpu_micros(self) -> float:
        """Microseconds of CPU a message."""
        return self.cpu_seconds / self.outputs * 1e6 if self.outputs else 0.0

    def __str__(self) -> str:
        return f"{self.per_second:.0f} messages/s, {self.cpu_micros:.1f} us of CPU a message"


Rates = dict[str, list[Rate]]


def rate_table(title: str, rates: Mapping[str, Sequence[Rate]], ours: str) -> Iterable[str]:
    """The lines of a table in Markdown: medians, ranges, and how many times each contender's rate is in ours."""
    own = statistics.median(rate.per_second for rate in rates[ours]) if ours in rates else 0.0
    yield f"| {title} | messages/s | CPU, us a message | ours / this |"
    yield "|---|---|---|---|"
    for name, measured in rates.items():
        speeds = [rate.per_second for rate in measured]
        median = statistics.median(speeds)
        cpu = statistics.median(rate.cpu_micros for rate in measured)
        ratio = f"{own / median:.2f}" if own and median else "-"
        yield f"| {name} | {median:,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f}) | {cpu:.1f} | {ratio} |"
