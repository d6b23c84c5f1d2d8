"""Which worker leads: the active consumer of the Failover subscription `participants`.

Upstream: org.apache.pulsar.functions.worker.LeaderService, which is called back by the Java client. The Python client
calls nobody, so the coordination topic's statistics are asked every POLL_SECONDS. They name a new leader at once, and
the exclusive producers see to it that two never write, whatever the statistics say and however late.

One task on the event loop observes and makes this worker lead or follow. A broker that does not answer changes nothing
but `ClusterMembership.is_stale`. After such a time the worker joins anew: left alone, the client's consumers and
readers wait for up to a minute before they try to connect again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import attrs

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import ClusterMembership
from pulsemill.cluster.participants import participants_in
from pulsemill.errors import PulsemillError

POLL_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


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


@attrs.define
class FailoverElection:
    """Observes the coordination topic for the membership, and leads when the broker says so."""

    admin: BrokerAdmin
    topic: str
    membership: ClusterMembership
    rejoin: Callable[[], Awaitable[None]]
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)
    _out_of_touch: bool = attrs.field(default=False, init=False)

    async def start(self, service: LeaderService) -> None:
        """Follow until the first observation says otherwise, and observe for ever."""
        await service.become_follower()
        await self.observe_safely(service)
        self._task = asyncio.create_task(self._keep_observing(service), name="leader election")

    async def stop(self) -> None:
        """Observe no more. Idempotent."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def observe(self, service: LeaderService) -> None:
        """Ask once, and lead or follow accordingly. PulsemillError when the broker does not answer or let us."""
        self.membership.observe(participants_in(await self.admin.topic_stats(self.topic)))
        if self._out_of_touch:
            await self._reconnect(service)
            return
        chosen = self.membership.leader() == self.membership.me
        if service.is_leader and not (chosen and service.can_write):
            logger.info("worker %s leads no more", self.membership.me.worker_id)
            await service.become_follower()
        elif chosen and not service.is_leader:
            await service.become_leader()
            logger.info("worker %s leads", self.membership.me.worker_id)

    async def observe_safely(self, service: LeaderService) -> None:
        """`observe`, with what goes wrong in the log: the next time may do better."""
        try:
            await self.observe(service)
        except PulsemillError as error:
            self._out_of_touch = self._out_of_touch or self.membership.is_stale
            self._report(str(error))
        except Exception:
            logger.exception("the leader election failed unexpectedly, going on")
        else:
            self.membership.trouble = ""

    async def _reconnect(self, service: LeaderService) -> None:
        await service.become_follower()
        await self.rejoin()
        self._out_of_touch = False
        logger.info("worker %s is in touch with the broker again", self.membership.me.worker_id)

    async def _keep_observing(self, service: LeaderService) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.observe_safely(service)

    def _report(self, trouble: str) -> None:
        """Once per trouble, not once a second."""
        if trouble != self.membership.trouble:
            logger.warning("who leads is not known now: %s", trouble)
        self.membership.trouble = trouble
