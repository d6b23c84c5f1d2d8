"""The order in which instances are started and stopped.

The event loop owns everything here. Each instance has a lane: its jobs run one after the other, while those of other
instances run at the same time, so that one slow stop holds up nobody else. A job for a whole function runs after
everything that its instances were given before, and before everything that they are given later.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import TypeVar

import attrs

from pulsemill.names import FunctionName, InstanceName

Job = Callable[[], Awaitable[None]]
Name = TypeVar("Name", InstanceName, FunctionName)

logger = logging.getLogger(__name__)


@attrs.define
class Lanes:
    """Runs jobs in their order. A job that fails is logged and does not hold up the next one."""

    _instances: dict[InstanceName, asyncio.Task[None]] = attrs.field(factory=dict, init=False)
    _functions: dict[FunctionName, asyncio.Task[None]] = attrs.field(factory=dict, init=False)

    def submit(self, name: InstanceName, job: Job) -> asyncio.Task[None]:
        """Run a job of one instance after its earlier ones."""
        before = [task for task in (self._instances.get(name), self._functions.get(name.function)) if task]
        task = asyncio.create_task(run_after(before, job), name=str(name))
        remember(self._instances, name, task)
        return task

    def submit_for_function(self, name: FunctionName, job: Job) -> asyncio.Task[None]:
        """Run a job of a function after all earlier ones of its instances."""
        before = list(self._of_function(name))
        task = asyncio.create_task(run_after(before, job), name=str(name))
        remember(self._functions, name, task)
        return task

    async def drain(self) -> None:
        """Wait until every job that was submitted is done."""
        while tasks := [*self._instances.values(), *self._functions.values()]:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)

    def _of_function(self, name: FunctionName) -> Iterator[asyncio.Task[None]]:
        yield from (task for instance, task in self._instances.items() if instance.function == name)
        if name in self._functions:
            yield self._functions[name]


def remember(lanes: dict[Name, asyncio.Task[None]], name: Name, task: asyncio.Task[None]) -> None:
    """Make a task the last of its lane until it is done."""

    def forget(done: asyncio.Task[None]) -> None:
        if lanes.get(name) is done:
            del lanes[name]

    lanes[name] = task
    task.add_done_callback(forget)


async def run_after(before: Collection[asyncio.Task[None]], job: Job) -> None:
    """Run a job when others are done, however they ended."""
    if before:
        await asyncio.wait(before)
    try:
        await job()
    except Exception:
        logger.exception("%s failed", asyncio.current_task())
