"""Workers with brokers of their own, and someone who uses them over REST and Pulsar."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pulsar
import pulsar.asyncio
import pytest

from pulsemill.worker.standalone import Standalone
from tests.integration.secured import Secured, running_secured_broker

EXCLAIM = b"class Exclaim:\n    def process(self, input, context):\n        return input + '!'\n"
WAIT_SECONDS = 30


@attrs.define
class User:
    """Registers functions, sends input, reads output."""

    http: httpx2.AsyncClient
    client: pulsar.asyncio.Client

    async def register(self, name: str = "exclaim", code: bytes = EXCLAIM, **config: Any) -> httpx2.Response:
        """Register a function that reads `<name>-in` and writes `<name>-out`."""
        given = {
            "className": "exclaim.Exclaim",
            "runtime": "PYTHON",
            "inputs": [f"{name}-in"],
            "output": f"{name}-out",
            "py": "exclaim.py",
            "autoAck": True,
            **config,
        }
        parts = {
            "functionConfig": (None, json.dumps(given), "application/json"),
            "data": ("exclaim.py", code, "application/octet-stream"),
        }
        return await self.http.post(url(name), files=parts)

    async def status(self, name: str = "exclaim") -> dict[str, Any]:
        return (await self.http.get(f"{url(name)}/status")).json()

    async def until_status(self, accepts: Callable[[dict[str, Any]], bool], name: str = "exclaim") -> dict[str, Any]:
        """Wait for a status."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not accepts(status := await self.status(name)):  # noqa: ASYNC110 it is somebody else's
                await asyncio.sleep(0.05)
        return status

    async def until_running(self, name: str = "exclaim", instances: int = 1) -> dict[str, Any]:
        return await self.until_status(lambda status: status.get("numRunning") == instances, name)

    async def send(self, *texts: str, name: str = "exclaim") -> None:
        producer = await self.client.create_producer(f"{name}-in")
        for text in texts:
            await producer.send(text.encode())
        await producer.close()

    async def outputs(self, *expected: str, name: str = "exclaim") -> set[str]:
        """Read a function's output from the beginning until all that is expected was there."""
        reader = await self.client.create_reader(f"{name}-out", pulsar.MessageId.earliest)
        seen: set[str] = set()
        async with asyncio.timeout(WAIT_SECONDS):
            while not seen >= set(expected):
                seen.add((await reader.read_next()).data().decode())
        await reader.close()
        return seen


def url(name: str) -> str:
    return f"/admin/v3/functions/public/default/{name}"


@asynccontextmanager
async def user_of(web_service_url: str, service_url: str) -> AsyncIterator[User]:
    client = pulsar.asyncio.Client(service_url)
    async with httpx2.AsyncClient(base_url=web_service_url, timeout=30) as http:
        yield User(http, client)
    await client.close()


@pytest.fixture(scope="session")
def secured(pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A broker with authentication and authorization: it is everybody's."""
    with running_secured_broker(tmp_path_factory.mktemp("secured")) as secured:
        yield secured


@pytest.fixture
def connect() -> Callable[[str, str], Any]:
    """Someone who uses a worker, given the URLs of its REST API and its broker."""
    return user_of


@pytest.fixture
def standalone(tmp_path: Path) -> Callable[..., Standalone]:
    """Makes workers on one directory, with the thread runtime."""

    def make(folder: str = "data", **settings: Any) -> Standalone:
        return Standalone(tmp_path / folder, **{"runtime": "thread", **settings})

    return make


@pytest.fixture
async def worker(standalone: Callable[..., Standalone]) -> AsyncIterator[Standalone]:
    async with standalone() as worker:
        yield worker


@pytest.fixture
async def user(worker: Standalone) -> AsyncIterator[User]:
    async with user_of(worker.web_service_url, worker.service_url) as user:
        yield user
