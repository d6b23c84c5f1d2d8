"""What a worker does when it becomes, and when it stops being, the leader; and who decides that.

Upstream: org.apache.pulsar.functions.worker.LeaderService.
"""

import asyncio
from typing import Protocol

import attrs

from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import TopicError


@attrs.define
class LeaderService:
    """Moves this worker in and out of leading. Followers tail both topics; a leader writes them instead."""

    metadata: TopicTailer
    assignments: TopicTailer
    scheduler: SchedulerManager
    is_leader: bool = attrs.field(default=False, init=False)
    _changing: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)

    async def become_leader(self) -> None:
        """Fence other writers, read to the end, then write and schedule. TopicError leaves the worker a follower."""
        async with self._changing:
            try:
                await self.assignments.log.acquire()
                await self.metadata.log.acquire()
                await self._catch_up()
            except TopicError:
                await self._follow()
                raise
            self.is_leader = True
            self.scheduler.start()

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
        await self.scheduler.stop()
        await self._release()

    async def _release(self) -> None:
        await self.assignments.log.release()
        await self.metadata.log.release()


class LeaderElection(Protocol):
    """Decides which worker leads, by calling the service's methods."""

    async def start(self, service: LeaderService) -> None:
        """Take part, returning when it is known for the first time whether this worker leads."""

    async def stop(self) -> None:
        """Take part no more."""


class SoleLeader:
    """The election of a cluster of one: this worker leads from its start."""

    async def start(self, service: LeaderService) -> None:
        """Lead."""
        await service.become_leader()

    async def stop(self) -> None:
        """Nothing decides any more; nothing did."""
