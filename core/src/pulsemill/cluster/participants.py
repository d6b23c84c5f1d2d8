"""Who takes part in the cluster, as the coordination topic's statistics tell. Pure.

Upstream: MembershipManager, LeaderService. Each worker is a consumer of the Failover subscription `participants`, and
the active one leads.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

import attrs

from pulsemill.cluster.topics import PARTICIPANTS
from pulsemill.rest.ports import WorkerInfo

PARTS: Final = 3

logger = logging.getLogger(__name__)


@attrs.frozen
class Participants:
    """The members by id, and the one that the broker made the leader."""

    members: Mapping[str, WorkerInfo] = attrs.field(factory=dict)
    leader: WorkerInfo | None = None


def consumer_id(info: WorkerInfo) -> str:
    """A member's consumer name and its property `id`, which other workers split at the colons."""
    return f"{info.worker_id}:{info.worker_hostname}:{info.port}"


def member_named(identity: str) -> WorkerInfo | None:
    """The member with this consumer id, None when it is none: upstream fails on it, and lists nobody any more."""
    parts = identity.split(":")
    if len(parts) != PARTS or not parts[2].isdigit():
        return None
    return WorkerInfo(parts[0], parts[1], int(parts[2]))


def participants_in(stats: Mapping[str, Any]) -> Participants:
    """Read a topic's statistics. Consumers that do not name themselves as workers do are left out."""
    subscription = stats.get("subscriptions", {}).get(PARTICIPANTS, {})
    active = subscription.get("activeConsumerName")
    members, leader = {}, None
    for consumer in subscription.get("consumers", ()):
        identity = str(consumer.get("metadata", {}).get("id", ""))
        member = member_named(identity)
        if member is None:
            logger.warning("a consumer of %s is no worker: its id is %r", PARTICIPANTS, identity)
            continue
        members[member.worker_id] = member
        if consumer.get("consumerName") == active:
            leader = member
    return Participants(members, leader)
