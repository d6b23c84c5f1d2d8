"""Which workers were drained of their instances: they take none until they have left the cluster.

Upstream: the drain of org.apache.pulsar.functions.worker.SchedulerManager. Known to the leader alone, in memory.
"""

from collections.abc import Collection

import attrs

from pulsemill.rest.ports import (
    DrainInProgressError,
    DrainState,
    DrainStatus,
    NotRemovedAfterDrainError,
    SchedulingRefusedError,
)

TOO_FEW_WORKERS = "Too few workers (need at least 2)"


@attrs.define
class Drains:
    """One drain at a time; each worker's last one is remembered while it is a member."""

    _status: dict[str, DrainStatus] = attrs.field(factory=dict, init=False)

    @property
    def workers(self) -> Collection[str]:
        """Ids of the workers that take no instances."""
        return self._status.keys()

    def status(self, worker: str) -> DrainStatus:
        """How a worker's drain goes."""
        unknown = DrainStatus(DrainState.ERROR, f"Worker {worker} not found in drain records")
        return self._status.get(worker, unknown)

    def begin(self, worker: str, available: Collection[str]) -> None:
        """Take a worker out of the available ones; SchedulingRefusedError says why it cannot be."""
        if any(one.state is DrainState.RUNNING for one in self._status.values()):
            raise DrainInProgressError("Another drain is in progress")
        if len(available) <= 1:
            raise SchedulingRefusedError(TOO_FEW_WORKERS)
        if worker in self._status:
            raise NotRemovedAfterDrainError(f"Worker {worker} was not yet removed after a prior drain op; try later")
        if worker not in available:
            raise SchedulingRefusedError(f"Worker {worker} is not among the current workers in the system")
        self._status[worker] = DrainStatus(DrainState.RUNNING)

    def end(self, worker: str, error: str = "") -> None:
        """Note that a drain is over, and what went wrong if it did not succeed."""
        self._status[worker] = DrainStatus(DrainState.ERROR if error else DrainState.SUCCESS, error)

    def forget_gone(self, members: Collection[str]) -> None:
        """Forget workers that left: one of the same name that comes back takes instances."""
        for worker in [one for one in self._status if one not in members]:
            del self._status[worker]

    def forget_all(self) -> None:
        """Forget everything, as a worker that leads no more does."""
        self._status.clear()
