"""The leader's scheduling: brings the assignment topic in line with the functions, again after each change.

Upstream: org.apache.pulsar.functions.worker.SchedulerManager. One task on the event loop does all of it, so runs never
overlap and requests that come while one runs are served by one more run.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import attrs

from pulsemill.backoff import Backoff
from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.records import AssignmentChange, assignment_record
from pulsemill.cluster.scheduler import RoundRobinScheduler, Scheduler, plan, wanted_instances
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import TopicError
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

logger = logging.getLogger(__name__)


class Clock(Protocol):
    """Measures runs (`worker.metrics.Times`)."""

    def measure(self) -> AbstractContextManager[None]:
        """Add the duration of a block."""


class Workers(Protocol):
    """Who instances can be given to."""

    def available(self) -> Collection[str]:
        """Ids of the workers that take instances."""

    def lost(self, assigned: Collection[str]) -> Collection[str]:
        """Those of the given worker ids whose instances are to be placed anew."""


@attrs.define
class SchedulerManager:
    """Plans, writes and applies assignments while this worker leads.

    `tailer` is the assignment topic's: what is written here counts as read there.
    """

    functions: Callable[[], Sequence[FunctionMetaData]]
    table: AssignmentTable
    tailer: TopicTailer
    workers: Workers
    externally_managed: bool
    times: Clock
    scheduler: Scheduler = attrs.field(factory=RoundRobinScheduler)
    backoff: Backoff = attrs.field(factory=Backoff)
    _requested: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    def request(self) -> None:
        """Ask for a run soon; without effect on a worker that does not lead."""
        self._requested.set()

    def start(self) -> None:
        """Serve requests, beginning with one of our own."""
        self.request()
        self._task = asyncio.create_task(self._serve(), name="scheduler")

    async def stop(self) -> None:
        """Stop serving. Idempotent."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def schedule(self) -> None:
        """Write what has to change, one message per instance, applying each as soon as it is stored."""
        for change in self._plan():
            self.tailer.position = await self.tailer.log.append(assignment_record(change))
            self.table.apply(change)

    def _plan(self) -> Sequence[AssignmentChange]:
        assigned = self.table.all()
        wanted = wanted_instances(self.functions(), externally_managed=self.externally_managed)
        lost = self.workers.lost({one.workerId for one in assigned.values()})
        return plan(wanted, assigned, self.workers.available(), lost, self.scheduler)

    async def _serve(self) -> None:
        while True:
            await self._requested.wait()
            self._requested.clear()
            started = asyncio.get_running_loop().time()
            if not await self._succeeds():
                await asyncio.sleep(self.backoff.next_delay(asyncio.get_running_loop().time() - started))
                self.request()

    async def _succeeds(self) -> bool:
        try:
            with self.times.measure():
                await self.schedule()
        except TopicError as error:
            logger.warning("scheduling failed, trying again soon: %s", error)
            return False
        except Exception:
            logger.exception("scheduling failed unexpectedly, trying again soon")
            return False
        return True
