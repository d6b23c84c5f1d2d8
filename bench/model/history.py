"""What was seen of a run when it was over."""

from collections.abc import Sequence

import attrs

from bench.model.function import Call

Output = tuple[int, ...]
"""The numbers in an output: those of its window, or the one that was called with."""


@attrs.frozen
class History:
    """One run's end: the outputs of each partition of their topic, in its order, and when what disturbed it began.

    `crashed_at` tells when the broker crashed, among that. `left` are the numbers that the subscription still delivers,
    as far as they were missing in windows. `forgot` says that the broker crashed after all had been acknowledged:
    nobody acknowledges again what it forgot.
    """

    stored: Sequence[Sequence[Output]]
    calls: Sequence[Call]
    backlog: int
    disturbed_at: Sequence[float]
    dead: Sequence[int] = ()
    left: frozenset[int] = frozenset()
    crashed_at: Sequence[float] = ()
    forgot: bool = False

    @property
    def outputs(self) -> list[int]:
        """The numbers of all outputs."""
        return [number for partition in self.stored for output in partition for number in output]
