"""What a leader does from time to time.

Upstream: the timers of org.apache.pulsar.functions.worker.{ClusterServiceCoordinator, SchedulerManager}.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import attrs

from pulsemill.errors import PulsemillError

logger = logging.getLogger(__name__)


@attrs.frozen
class Duty:
    """Something to do every so many seconds; 0 or less means never."""

    name: str
    period_seconds: float
    work: Callable[[], Awaitable[None]]


@attrs.define
class LeaderDuties:
    """Runs duties, each in a task of its own. One that fails is logged and done again in its next turn."""

    duties: Sequence[Duty] = ()
    _tasks: list[asyncio.Task[None]] = attrs.field(factory=list, init=False)

    def add(self, duty: Duty) -> None:
        """One more, before the start."""
        self.duties = [*self.duties, duty]

    def start(self) -> None:
        """Begin, each duty with a wait."""
        due = [duty for duty in self.duties if duty.period_seconds > 0]
        self._tasks = [asyncio.create_task(repeat(duty), name=duty.name) for duty in due]

    async def stop(self) -> None:
        """Stop. Idempotent."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def repeat(duty: Duty) -> None:
    """Do a duty for ever."""
    while True:
        await asyncio.sleep(duty.period_seconds)
        try:
            await duty.work()
        except PulsemillError as error:
            logger.warning("%s: %s", duty.name, error)
        except Exception:
            logger.exception("%s failed unexpectedly", duty.name)
