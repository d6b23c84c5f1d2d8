"""Who is in the cluster. A member is a consumer of the subscription `participants` on the coordination topic.

Upstream: org.apache.pulsar.functions.worker.MembershipManager.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Final

import attrs
import pulsar
import pulsar.asyncio

from pulsemill.cluster.participants import Participants, consumer_id
from pulsemill.cluster.topic_log import TopicError, quietly_close
from pulsemill.cluster.topics import PARTICIPANTS
from pulsemill.rest.ports import WorkerInfo

STALE_SECONDS: Final = 10.0


@attrs.define
class Membership(ABC):
    """This worker's membership, and what it knows of the others'."""

    me: WorkerInfo
    trouble: str = attrs.field(default="", init=False)
    """Why it cannot be told now who is there."""
    _consumer: pulsar.asyncio.Consumer | None = attrs.field(default=None, init=False)

    @abstractmethod
    def members(self) -> Sequence[WorkerInfo]:
        """All members."""

    @abstractmethod
    def leader(self) -> WorkerInfo | None:
        """The member that is to lead, ready or not; None when that is not known now."""

    @abstractmethod
    def lost(self, assigned: Collection[str]) -> Collection[str]:
        """Those of the given worker ids whose instances are to be placed anew."""

    def available(self) -> Collection[str]:
        """Ids of the workers that take instances."""
        return {member.worker_id for member in self.members()}

    async def join(self, client: pulsar.asyncio.Client, topic: str) -> None:
        """Become visible as a member; TopicError when the broker refuses."""
        name = consumer_id(self.me)
        try:
            self._consumer = await client.subscribe(
                topic,
                PARTICIPANTS,
                consumer_type=pulsar.ConsumerType.Failover,
                consumer_name=name,
                properties={"id": name},
            )
        except pulsar.asyncio.PulsarException as error:
            raise TopicError(f"cannot join the cluster on {topic}: {error}") from error

    async def rejoin(self, client: pulsar.asyncio.Client, topic: str) -> None:
        """Join anew, over a new connection."""
        await self.leave()
        await self.join(client, topic)

    async def leave(self) -> None:
        """Stop being a member. Idempotent."""
        consumer, self._consumer = self._consumer, None
        if consumer:
            await quietly_close(consumer)


@attrs.define
class SoleMembership(Membership):
    """A cluster of one: this worker, present on the coordination topic so that others see it."""

    def members(self) -> Sequence[WorkerInfo]:
        """This worker."""
        return [self.me]

    def leader(self) -> WorkerInfo | None:
        """This worker."""
        return self.me

    def lost(self, assigned: Collection[str]) -> Collection[str]:
        """Every other worker: a cluster of one has no other that could come back."""
        return {worker for worker in assigned if worker != self.me.worker_id}


@attrs.define
class ClusterMembership(Membership):
    """All consumers of the subscription, as last observed.

    A worker is lost when it has been absent for `grace_seconds`: a restart takes less, and finds its instances waiting.
    One that was never observed counts from the first observation on.
    """

    grace_seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _participants: Participants = attrs.field(factory=Participants, init=False)
    _first: float | None = attrs.field(default=None, init=False)
    _observed: float | None = attrs.field(default=None, init=False)
    _last_seen: dict[str, float] = attrs.field(factory=dict, init=False)

    def observe(self, participants: Participants) -> None:
        """Take in what the broker just told."""
        self._participants, self._observed = participants, self.clock()
        self._first = self._observed if self._first is None else self._first
        self._last_seen.update(dict.fromkeys(participants.members, self._observed))

    @property
    def is_stale(self) -> bool:
        """Whether nothing was observed for so long that another worker may lead by now."""
        return self._observed is None or self.clock() - self._observed > STALE_SECONDS

    def members(self) -> Sequence[WorkerInfo]:
        """All members that were observed last."""
        return list(self._participants.members.values())

    def leader(self) -> WorkerInfo | None:
        """The active consumer's worker, None while the broker does not tell."""
        return None if self.is_stale else self._participants.leader

    def lost(self, assigned: Collection[str]) -> Collection[str]:
        """The workers that are absent for too long, as of the last observation."""
        if self._first is None or self._observed is None:
            return set()
        absent = {worker for worker in assigned if worker not in self._participants.members}
        gone = self._observed - self.grace_seconds
        return {worker for worker in absent if self._last_seen.get(worker, self._first) <= gone}
