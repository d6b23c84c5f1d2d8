"""The workers of a run: one for each runtime, on one embedded broker, all on the running event loop."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import attrs

from pulsemill.admin.connection import AdminConnection
from pulsemill.quickstart.catalog import RUNTIMES
from pulsemill.worker.standalone import Standalone


@attrs.frozen
class Workers:
    """Where to reach the broker, and the worker of each runtime."""

    broker_url: str
    connections: Mapping[str, AdminConnection]


@asynccontextmanager
async def started_workers(root: Path) -> AsyncIterator[Workers]:
    """Start them; each keeps its functions on topics of its own, so that they do not see each other's."""
    connections: dict[str, AdminConnection] = {}
    broker_url = ""
    async with AsyncExitStack() as stack:
        for runtime in RUNTIMES:
            worker = Standalone(
                root / runtime,
                runtime=runtime,
                broker_url=broker_url,
                functions_namespace=f"public/functions-{runtime}",
            )
            await stack.enter_async_context(worker)
            broker_url = worker.service_url
            connections[runtime] = AdminConnection(worker.web_service_url)
        yield Workers(broker_url, connections)
