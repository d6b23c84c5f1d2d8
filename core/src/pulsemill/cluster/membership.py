"""Who is in the cluster. A member is a consumer of the subscription `participants` on the coordination topic.

Upstream: org.apache.pulsar.functions.worker.MembershipManager.
"""

from collections.abc import Collection, Sequence

import attrs
import pulsar
import pulsar.asyncio

from pulsemill.cluster.topic_log import TopicError, quietly_close
from pulsemill.cluster.topics import PARTICIPANTS
from pulsemill.rest.ports import WorkerInfo


def consumer_id(info: WorkerInfo) -> str:
    """A member's consumer name and its property `id`, which other workers split at the colons."""
    return f"{info.worker_id}:{info.worker_hostname}:{info.port}"


@attrs.define
class SoleMembership:
    """A cluster of one: this worker, present on the coordination topic so that others see it."""

    me: WorkerInfo
    _consumer: pulsar.asyncio.Consumer | None = attrs.field(default=None, init=False)

    def members(self) -> Sequence[WorkerInfo]:
        """This worker."""
        return [self.me]

    def available(self) -> Collection[str]:
        """Workers that take instances: this one."""
        return {self.me.worker_id}

    def lost(self, assigned: Collection[str]) -> Collection[str]:
        """Every other worker: a cluster of one has no other that could come back."""
        return {worker for worker in assigned if worker != self.me.worker_id}

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

    async def leave(self) -> None:
        """Stop being a member. Idempotent."""
        consumer, self._consumer = self._consumer, None
        if consumer:
            await quietly_close(consumer)
