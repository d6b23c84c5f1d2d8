"""Decides which worker leads. One task on the event loop observes, and makes this worker lead or follow.

Upstream: org.apache.pulsar.functions.worker.LeaderService, which is called back by the Java client. The Python client
calls nobody, so it looks again and again.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Final

import attrs

from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import Membership
from pulsemill.errors import PulsemillError

POLL_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


@attrs.define
class LeaderElection(ABC):
    """Calls the service's methods. Why nobody can lead is the membership's `trouble`."""

    membership: Membership
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    @abstractmethod
    async def start(self, service: LeaderService) -> None:
        """Take part, returning when it is known for the first time whether this worker leads."""

    @abstractmethod
    async def observe(self, service: LeaderService) -> None:
        """Look once, and lead or follow accordingly. PulsemillError when that cannot be told or done now."""

    @abstractmethod
    def pause(self, service: LeaderService) -> float:
        """Seconds until the next look."""

    async def stop(self) -> None:
        """Take part no more. Idempotent."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def observe_safely(self, service: LeaderService) -> None:
        """`observe`, with what goes wrong in the log: the next time may do better."""
        try:
            await self.observe(service)
        except PulsemillError as error:
            self.report(str(error))
        except Exception:
            logger.exception("the leader election failed unexpectedly, going on")
        else:
            self.membership.trouble = ""

    def report(self, trouble: str) -> None:
        """Say what goes wrong, once and not once a second."""
        if trouble != self.membership.trouble:
            logger.warning("nobody is known to lead now: %s", trouble)
        self.membership.trouble = trouble

    def _observe_for_ever(self, service: LeaderService) -> None:
        self._task = asyncio.create_task(self._keep_observing(service), name="leader election")

    async def _keep_observing(self, service: LeaderService) -> None:
        while True:
            await asyncio.sleep(self.pause(service))
            await self.observe_safely(service)
