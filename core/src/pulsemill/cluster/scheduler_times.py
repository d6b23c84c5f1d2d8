"""What measures scheduling (`worker.metrics.WorkerMetrics` does)."""

from contextlib import AbstractContextManager
from typing import Protocol


class Clock(Protocol):
    """Measures runs (`worker.metrics.Times`)."""

    def measure(self) -> AbstractContextManager[None]:
        """Add the duration of a block."""


class SchedulerTimes(Protocol):
    """How long everything takes (`worker.metrics.WorkerMetrics`); strategies are the computing alone."""

    @property
    def schedule(self) -> Clock:
        """Runs."""

    @property
    def schedule_strategy(self) -> Clock:
        """Their plans."""

    @property
    def rebalance(self) -> Clock:
        """Rebalances."""

    @property
    def rebalance_strategy(self) -> Clock:
        """Their plans."""

    @property
    def drain(self) -> Clock:
        """Drains."""
