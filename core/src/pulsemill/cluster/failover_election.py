"""Which worker leads: the active consumer of the Failover subscription `participants`.

The coordination topic's statistics are asked every POLL_SECONDS. They name a new leader at once, and the exclusive
producers see to it that two never write, whatever the statistics say and however late.

A broker that does not answer changes nothing but `ClusterMembership.is_stale`. After such a time the worker joins anew:
left alone, the client's consumers and readers wait for up to a minute before they try to connect again.
"""

import logging
from collections.abc import Awaitable, Callable

import attrs

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster.election import POLL_SECONDS, LeaderElection
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import ClusterMembership
from pulsemill.cluster.participants import participants_in

logger = logging.getLogger(__name__)


@attrs.define
class FailoverElection(LeaderElection):
    """Observes the coordination topic for the membership, and leads when the broker says so."""

    admin: BrokerAdmin
    topic: str
    membership: ClusterMembership
    rejoin: Callable[[], Awaitable[None]]
    _out_of_touch: bool = attrs.field(default=False, init=False)

    async def start(self, service: LeaderService) -> None:
        """Follow until the first observation says otherwise, and observe for ever."""
        await service.become_follower()
        await self.observe_safely(service)
        self._observe_for_ever(service)

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

    def pause(self, service: LeaderService) -> float:
        """Always the same: the membership is to be fresh."""
        return POLL_SECONDS

    def report(self, trouble: str) -> None:
        """Remember also whether it lasts for so long that the worker has to join anew."""
        self._out_of_touch = self._out_of_touch or self.membership.is_stale
        super().report(trouble)

    async def _reconnect(self, service: LeaderService) -> None:
        await service.become_follower()
        await self.rejoin()
        self._out_of_touch = False
        logger.info("worker %s is in touch with the broker again", self.membership.me.worker_id)
