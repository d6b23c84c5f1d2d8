"""A whole run, from the broker to the table.

The event loop in the main thread owns the workers. What blocks (REST calls, the traffic) runs in one other thread at a
time, which a cancelled run stops and waits for before anything else ends; after it the workers, then the folder.
"""

import asyncio
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pulsar

from pulsemill.admin.transport import AdminError
from pulsemill.cluster.client import quiet_logger
from pulsemill.quickstart.catalog import registrations
from pulsemill.quickstart.display import Display
from pulsemill.quickstart.lines import Input
from pulsemill.quickstart.registering import QuickstartError, register_all, status_of
from pulsemill.quickstart.report import COLUMNS, next_commands, row
from pulsemill.quickstart.traffic import Traffic
from pulsemill.quickstart.workers import Workers, started_workers

T = TypeVar("T")


@attrs.define
class Quickstart:
    """One run."""

    source: Input
    display: Display
    print_table: Callable[[Sequence[str], Sequence[Sequence[Any]]], None]
    keep: bool = False
    stop: threading.Event = attrs.field(factory=threading.Event, init=False)

    async def run(self) -> None:
        """Do it all; QuickstartError when something fails."""
        started = time.monotonic()
        async with AsyncExitStack() as stack:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pulsemill-quickstart-")))
            stack.enter_context(logging_to(root / "quickstart.log"))
            self.display.say(
                "Starting an embedded broker, a worker with the thread runtime and one with the process runtime."
            )
            workers = await stack.enter_async_context(started_workers(root))
            self.display.say(
                f"Ready after {time.monotonic() - started:.1f} s. Registering three functions with each worker."
            )
            await self._in_thread(register_all, workers, registrations(), self.stop)
            self.display.say(
                f"All functions run after {time.monotonic() - started:.1f} s. Their outputs, as they arrive:"
            )
            await self._in_thread(self._traffic, workers)
            self.display.say(f"Done in {time.monotonic() - started:.1f} s.")
            if self.keep:
                await self._stay(workers, root)

    def _traffic(self, workers: Workers) -> None:
        client = pulsar.Client(workers.broker_url, logger=quiet_logger())
        traffic = Traffic(client, registrations(), self.source, self.display, self.stop)
        try:
            traffic.run()
        except QuickstartError:
            with suppress(AdminError):  # whoever cannot be asked any more is not the reason
                self._report(workers, traffic)
            raise
        finally:
            client.close()
        if traffic.fed and not traffic.sent:
            raise QuickstartError("the input holds no line of text")
        if traffic.fed and not traffic.missing():
            self._report(workers, traffic)

    def _report(self, workers: Workers, traffic: Traffic) -> None:
        rows = [
            row(each, status_of(workers.connections[each.runtime], each), measurement)
            for each, measurement in traffic.measurements.items()
        ]
        self.display.say("")
        self.print_table(COLUMNS, rows)
        repeated = sum(measurement.repeated for measurement in traffic.measurements.values())
        if repeated:
            self.display.say(f"{repeated} outputs came again after that: delivery is at least once.")
        self.display.say("")

    async def _stay(self, workers: Workers, root: Path) -> None:
        self.display.say(f"Everything keeps running until Ctrl-C; logs are under {root}. Try, in another terminal")
        self.display.say("(in a clone of the repository, with `uv run` in front):\n")
        for command in next_commands(workers):
            self.display.say(f"  {command}")
        await asyncio.Event().wait()

    async def _in_thread(self, work: Callable[..., T], *args: Any) -> T:
        working = asyncio.ensure_future(asyncio.to_thread(work, *args))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            self.stop.set()
            await asyncio.wait([working])
            raise


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Send the workers' log to a file instead of people's terminals."""
    handler = logging.FileHandler(file)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        handler.close()
