"""The election of a cluster of one: this worker leads, always."""

import logging
import math

import attrs

from pulsemill.backoff import Backoff
from pulsemill.cluster.election import POLL_SECONDS, LeaderElection
from pulsemill.cluster.leader import LeaderService

logger = logging.getLogger(__name__)


@attrs.define
class SoleLeader(LeaderElection):
    """Leads from its start, and anew when it can write no more: nobody else would."""

    backoff: Backoff = attrs.field(factory=lambda: Backoff(first=POLL_SECONDS))

    async def start(self, service: LeaderService) -> None:
        """Lead; TopicError when another worker does."""
        await service.become_leader()
        self._observe_for_ever(service)

    async def observe(self, service: LeaderService) -> None:
        """Lead anew if necessary, with new producers; TopicError leaves the worker a follower."""
        if service.is_ready:
            return
        await service.become_follower()
        await service.become_leader()
        logger.info("worker %s leads anew", self.membership.me.worker_id)

    def pause(self, service: LeaderService) -> float:
        """A second, and longer and longer while it does not succeed."""
        return self.backoff.next_delay(math.inf if service.is_ready else 0.0)
