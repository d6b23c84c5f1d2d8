"""The leader's scheduling: brings the assignment topic in line with the functions, again after each change.

Upstream: org.apache.pulsar.functions.worker.SchedulerManager. Tasks on the event loop do all of it. One lock keeps
runs, rebalances and drains from overlapping; requests that come while one runs are served by one more run.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from typing import Protocol

import attrs

from pulsemill.backoff import Backoff
from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.drains import TOO_FEW_WORKERS, Drains
from pulsemill.cluster.rebalance import rebalance
from pulsemill.cluster.records import AssignmentChange, assignment_record
from pulsemill.cluster.scheduler import RoundRobinScheduler, Scheduler, plan, wanted_instances
from pulsemill.cluster.scheduler_times import SchedulerTimes
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import TopicError
from pulsemill.rest.ports import SchedulingRefusedError
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

logger = logging.getLogger(__name__)


class Workers(Protocol):
    """Who instances can be given to."""

    def available(self) -> Collection[str]:
        """Ids of the members."""

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
    times: SchedulerTimes
    scheduler: Scheduler = attrs.field(factory=RoundRobinScheduler)
    backoff: Backoff = attrs.field(factory=Backoff)
    drains: Drains = attrs.field(factory=Drains, init=False)
    _requested: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _working: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set, init=False)
    _rebalancing: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    def request(self) -> None:
        """Ask for a run soon; without effect on a worker that does not lead."""
        self._requested.set()

    def start(self) -> None:
        """Serve requests, beginning with one of our own."""
        self.request()
        self._spawn(self._serve(), "scheduler")

    async def stop(self) -> None:
        """Stop serving, and forget what only a leader knows. Idempotent."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self.drains.forget_all()

    async def schedule(self) -> None:
        """Write what has to change."""
        async with self._working:
            with self.times.schedule_strategy.measure():
                changes = self._plan()
            await self._write(changes)

    def rebalance(self) -> None:
        """Begin to spread the instances evenly; SchedulingRefusedError when that runs already or is pointless."""
        if self._rebalancing and not self._rebalancing.done():
            raise SchedulingRefusedError("Rebalance already in progress")
        if len(self._available()) <= 1:
            raise SchedulingRefusedError(TOO_FEW_WORKERS)
        self._rebalancing = self._spawn(self._rebalance(), "rebalance")

    def drain(self, worker: str) -> None:
        """Begin to move a worker's instances to others; SchedulingRefusedError says why that cannot be."""
        self.drains.begin(worker, self.workers.available())
        self._spawn(self._drain(worker), f"drain {worker}")

    def forget_gone_workers(self) -> None:
        """Let a drained worker that left, and comes back, take instances again."""
        self.drains.forget_gone(self.workers.available())

    async def _rebalance(self) -> None:
        async def move() -> None:
            async with self._working:
                with self.times.rebalance_strategy.measure():
                    changes = rebalance(self.table.all(), self._available())
                await self._write(changes)

        with self.times.rebalance.measure():
            await self._failure_of(move, "rebalancing")

    async def _drain(self, worker: str) -> None:
        with self.times.drain.measure():
            failure = await self._failure_of(self.schedule, f"draining {worker}")
        self.drains.end(worker, failure)

    async def _write(self, changes: Iterable[AssignmentChange]) -> None:
        """One message per instance, each applied as soon as it is stored."""
        for change in changes:
            self.tailer.position = await self.tailer.log.append(assignment_record(change))
            self.table.apply(change)

    def _plan(self) -> Sequence[AssignmentChange]:
        assigned = self.table.all()
        wanted = wanted_instances(self.functions(), externally_managed=self.externally_managed)
        lost = self.workers.lost({one.workerId for one in assigned.values()})
        return plan(wanted, assigned, self._available(), {*lost, *self.drains.workers}, self.scheduler)

    def _available(self) -> Collection[str]:
        return set(self.workers.available()) - set(self.drains.workers)

    async def _serve(self) -> None:
        while True:
            await self._requested.wait()
            self._requested.clear()
            started = asyncio.get_running_loop().time()
            with self.times.schedule.measure():
                failure = await self._failure_of(self.schedule, "scheduling")
            if failure:
                await asyncio.sleep(self.backoff.next_delay(asyncio.get_running_loop().time() - started))
                self.request()

    async def _failure_of(self, work: Callable[[], Awaitable[None]], what: str) -> str:
        """Do some work and return why it failed, empty when it did not."""
        try:
            await work()
        except TopicError as error:
            logger.warning("%s failed: %s", what, error)
            return str(error)
        except Exception as error:
            logger.exception("%s failed unexpectedly", what)
            return f"{type(error).__name__}: {error}"
        return ""

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
