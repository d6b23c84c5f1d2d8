"""What a worker does when it becomes, and when it stops being, the leader; `election` decides that.

Upstream: org.apache.pulsar.functions.worker.LeaderService.
"""

import asyncio

import attrs

from pulsemill.cluster.duties import LeaderDuties
from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.tailer import TopicTailer


@attrs.define
class LeaderService:
    """Moves this worker in and out of leading. Followers tail both topics; a leader writes them instead."""

    metadata: TopicTailer
    assignments: TopicTailer
    scheduler: SchedulerManager
    duties: LeaderDuties = attrs.field(factory=LeaderDuties)
    is_leader: bool = attrs.field(default=False, init=False)
    _changing: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)

    @property
    def can_write(self) -> bool:
        """Whether no other worker took over the topics, as far as this one was told when it last wrote."""
        return self.metadata.log.is_writer and self.assignments.log.is_writer

    @property
    def is_ready(self) -> bool:
        """Whether this worker leads and can do so."""
        return self.is_leader and self.can_write

    async def become_leader(self) -> None:
        """Fence other writers, read to the end, then write and schedule.

        TopicError, ConfigurationError from a topic that does not fit, and everything else leave the worker a follower.
        """
        async with self._changing:
            try:
                await self.assignments.log.acquire()
                await self.metadata.log.acquire()
                await self._catch_up()
            except Exception:
                await self._follow()
                raise
            self.is_leader = True
            self.scheduler.start()
            self.duties.start()

    async def become_follower(self) -> None:
        """Stop scheduling, let another worker write, and read what it writes."""
        async with self._changing:
            await self._resign()
            await self._follow()

    async def stop(self) -> None:
        """Neither lead nor follow any more. Idempotent."""
        async with self._changing:
            await self._resign()
            for tailer in (self.metadata, self.assignments):
                await tailer.stop()

    async def _catch_up(self) -> None:
        for tailer in (self.metadata, self.assignments):
            await tailer.stop()
            await tailer.read_to_end()

    async def _follow(self) -> None:
        await self._release()
        for tailer in (self.metadata, self.assignments):
            await tailer.stop()
            tailer.follow()

    async def _resign(self) -> None:
        self.is_leader = False
        await self.duties.stop()
        await self.scheduler.stop()
        await self._release()

    async def _release(self) -> None:
        await self.assignments.log.release()
        await self.metadata.log.release()
