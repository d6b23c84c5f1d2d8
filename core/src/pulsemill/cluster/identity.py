"""Keeps two workers from having one id: each would run the instances that were given to the other."""

import asyncio
import logging
from typing import Final

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster.participants import participants_in
from pulsemill.errors import ConfigurationError
from pulsemill.rest.ports import WorkerInfo

GONE_SECONDS: Final = 60.0
"""A broker notices within this time that a worker is gone whose machine or network died."""

RETRY_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


async def require_own_id(admin: BrokerAdmin, topic: str, me: WorkerInfo) -> None:
    """ConfigurationError when a worker at another address has this one's id, and does not go away.

    To be called before joining. One at this one's own address is this one before it was started again.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + GONE_SECONDS
    while other := await _namesake(admin, topic, me):
        if loop.time() >= deadline:
            raise ConfigurationError(
                f"workerId {me.worker_id}: the worker at {other.worker_hostname}:{other.port} has the same; give each "
                "worker an id of its own, or none to have it made of workerHostname and workerPort"
            )
        logger.warning("waiting for the worker %s at %s to leave", me.worker_id, other.worker_hostname)
        await asyncio.sleep(RETRY_SECONDS)


async def _namesake(admin: BrokerAdmin, topic: str, me: WorkerInfo) -> WorkerInfo | None:
    other = participants_in(await admin.topic_stats(topic)).members.get(me.worker_id)
    return other if other != me else None
