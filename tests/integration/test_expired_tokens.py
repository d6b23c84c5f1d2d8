"""A worker whose own token expires: renewed in time nobody notices, renewed too late everything goes on as before."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pulsar
import pulsar.asyncio
import pytest

from tests.integration.clusters import Cluster, Worker, has, name_of, url
from tests.integration.secured import Secured, as_role, authentication, token
from tests.rig.waiting import eventually

pytestmark = pytest.mark.pulsar

VALID_SECONDS = 12
RENEW_SECONDS = 3
BACK_SECONDS = 60.0
"""Within which all is back: clients wait ever longer before they try again."""


@attrs.define
class TokenFile:
    """The worker's token, which is valid for a short time and renewed for as long as somebody does it."""

    path: Path
    expires: int = 0

    def renew(self) -> None:
        self.expires = int(time.time()) + VALID_SECONDS
        renewed = self.path.with_suffix(".new")
        renewed.write_text(token("worker", exp=self.expires))
        renewed.replace(self.path)

    @asynccontextmanager
    async def being_renewed(self) -> AsyncIterator[None]:
        async def renew_for_ever() -> None:
            while True:
                self.renew()
                await asyncio.sleep(RENEW_SECONDS)

        self.renew()
        renewing = asyncio.create_task(renew_for_ever())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])


@pytest.fixture
def token_file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "worker.token")


@pytest.fixture
async def client(secured: Secured) -> AsyncIterator[pulsar.asyncio.Client]:
    client = pulsar.asyncio.Client(
        secured.broker.service_url, authentication=pulsar.AuthenticationToken(token("admin"))
    )
    yield client
    await client.close()


@pytest.mark.parametrize("runtime", ["process", "thread"])
async def test_a_worker_and_its_functions_go_on_when_their_token_is_renewed(
    secured: Secured, token_file: TokenFile, client: pulsar.asyncio.Client, tmp_path: Path, runtime: str
) -> None:
    name, settings = name_of("renewed"), authentication(f"file://{token_file.path}")
    async with AsyncExitStack() as closing:
        cluster = Cluster(tmp_path, secured.broker, f"public/{name_of('tokens')}", settings, closing, runtime)
        async with token_file.being_renewed():
            worker = await start(cluster)
            await register(worker, name, output=f"{name}-out", subscriptionPosition="Earliest")
            await send(client, f"{name}-in", "before")
            await arrive(client, f"{name}-out", "before!")
            await outlive_some_tokens(worker, token_file)
        await eventually(lambda: has(worker.leads(), False))
        await says_what_happened(worker, name)
        await send(client, f"{name}-in", "while expired")
        async with token_file.being_renewed():
            await eventually(worker.leads, BACK_SECONDS)
            await send(client, f"{name}-in", "after")
            await arrive(client, f"{name}-out", "before!", "while expired!", "after!")
            await register(worker, f"{name}-new")
            for each in (name, f"{name}-new"):
                assert (await worker.http.delete(url(each))).status_code == 204


async def start(cluster: Cluster) -> Worker:
    worker = await cluster.start("worker")
    worker.http.headers.update(as_role("admin"))
    await eventually(worker.leads)
    return worker


async def register(worker: Worker, name: str, **config: Any) -> None:
    answer = await worker.register(name, **config)
    assert answer.status_code == 204, answer.text
    await eventually(lambda: has(worker.running(name), 1))


async def says_what_happened(worker: Worker, name: str) -> None:
    """Of what needs the broker; the rest is answered."""
    ready = await worker.http.get("/admin/v2/worker/cluster/leader/ready")
    refused = await worker.http.delete(url(name))
    for answer in (ready, refused):
        assert answer.status_code == 503
        assert "the worker's token expired at" in answer.json()["reason"]
        assert "renew it in the file" in answer.json()["reason"]
    assert "the worker's token expired at" in worker.log.read_text()
    assert (await worker.http.get("/initialized")).status_code == 200
    assert (await worker.http.get(url(name))).status_code == 200
    await eventually(lambda: tells_of_its_connection(worker, name))


async def tells_of_its_connection(worker: Worker, name: str) -> bool:
    """A function that runs, and whose token is the worker's."""
    (instance,) = (await worker.http.get(f"{url(name)}/status")).json()["instances"]
    assert instance["status"]["running"]
    return "has no connection to the broker" in str(instance["status"]["latestSystemExceptions"])


async def outlive_some_tokens(worker: Worker, token_file: TokenFile) -> None:
    """The worker leads all the time."""
    end = token_file.expires + RENEW_SECONDS
    while time.time() < end:
        assert await worker.leads(), worker.log.read_text()
        await asyncio.sleep(0.5)


async def send(client: pulsar.asyncio.Client, topic: str, text: str) -> None:
    producer = await client.create_producer(topic)
    await producer.send(text.encode())
    await producer.close()


async def arrive(client: pulsar.asyncio.Client, topic: str, *expected: str) -> None:
    """Wait until a topic has all that is expected."""
    reader = await client.create_reader(topic, pulsar.MessageId.earliest)
    missing = set(expected)
    async with asyncio.timeout(BACK_SECONDS):
        while missing:
            missing.discard((await reader.read_next()).data().decode())
    await reader.close()
