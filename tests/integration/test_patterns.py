"""Functions that read all topics of a pattern, on a real broker."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pulsar
import pulsar.asyncio
import pytest

from tests.integration.clusters import Cluster, Worker, has, url
from tests.rig.broker import Broker
from tests.rig.waiting import eventually

pytestmark = pytest.mark.pulsar

CODE = b"""
def read(text, context):
    return f"{context.get_current_message_topic_name()} {text}"

class Read:
    def process(self, input, context):
        context.ack(context.get_message_id(), context.get_current_message_topic_name())
        return read(input, context)
"""


@pytest.fixture
async def worker(broker: Broker, tmp_path: Path) -> AsyncIterator[Worker]:
    """It runs functions in threads, where a client that ends its process over a pattern would end the worker."""
    async with AsyncExitStack() as closing:
        namespace = f"public/functions-{uuid.uuid4().hex[:8]}"
        yield await Cluster(tmp_path, broker, namespace, {}, closing).start("patterns")


@pytest.fixture
async def client(broker: Broker) -> AsyncIterator[pulsar.asyncio.Client]:
    client = pulsar.asyncio.Client(broker.service_url)
    yield client
    await client.close()


@pytest.fixture
def name() -> str:
    """What a test's function and its topics are named after."""
    return f"pattern-{uuid.uuid4().hex[:8]}"


async def register(worker: Worker, name: str, **config: Any) -> httpx2.Response:
    given = {
        "className": "code.Read",
        "runtime": "PYTHON",
        "py": "code.py",
        "output": f"out-of-{name}",
        "processingGuarantees": "MANUAL",
        "subscriptionPosition": "Earliest",
        **config,
    }
    parts = {"functionConfig": (None, json.dumps(given), "application/json"), "data": ("code.py", CODE)}
    return await worker.http.post(url(name), files=parts)


async def send(client: pulsar.asyncio.Client, topic: str, text: str) -> None:
    producer = await client.create_producer(topic)
    await producer.send(text.encode())
    await producer.close()


async def outputs(client: pulsar.asyncio.Client, name: str, expected: set[str]) -> None:
    reader = await client.create_reader(f"out-of-{name}", pulsar.MessageId.earliest)
    seen: set[str] = set()

    async def is_complete() -> bool:
        seen.add((await reader.read_next()).data().decode())
        return seen >= expected

    await eventually(is_complete)
    await reader.close()


async def test_topics_that_are_there_and_topics_that_come(
    worker: Worker, client: pulsar.asyncio.Client, name: str
) -> None:
    before, after = f"persistent://public/default/{name}-a", f"persistent://public/default/{name}-b.1"
    await send(client, before, "first")
    await send(client, f"persistent://public/default/other-{name}", "not mine")
    assert (await register(worker, name, topicsPattern=rf"{name}-(a|b\.\d+)")).status_code == 204
    await outputs(client, name, {f"{before} first"})
    await send(client, after, "second")
    await outputs(client, name, {f"{after} second"})
    status = (await worker.http.get(f"{url(name)}/0/status")).json()
    assert (status["numReceived"], status["numUserExceptions"]) == (2, 0)
    read_back = (await worker.http.get(url(name))).json()
    assert read_back["inputSpecs"][rf"{name}-(a|b\.\d+)"]["regexPattern"] is True


async def test_a_full_pattern_with_a_period_of_its_own_and_a_partitioned_topic(
    worker: Worker, client: pulsar.asyncio.Client, broker: Broker, name: str
) -> None:
    pattern = f"persistent://public/default/{name}-.*"
    spec = {"regexPattern": True, "consumerProperties": {"patternAutoDiscoveryPeriod": "1"}}
    assert (await register(worker, name, inputSpecs={pattern: spec})).status_code == 204
    await eventually(lambda: has(worker.running(name), 1))
    async with httpx2.AsyncClient(base_url=f"{broker.web_service_url}/admin/v2/persistent/public/default") as admin:
        (await admin.put(f"/{name}-many/partitions", json=2)).raise_for_status()
    for text in ("x", "y"):
        await send(client, f"persistent://public/default/{name}-many-partition-{'xy'.index(text)}", text)
    topic = f"persistent://public/default/{name}-many-partition"
    await outputs(client, name, {f"{topic}-0 x", f"{topic}-1 y"})


async def test_a_pattern_that_the_client_cannot_take_is_told_and_harms_nobody(worker: Worker, name: str) -> None:
    assert (await register(worker, f"{name}-bad", topicsPattern="(?<=a)b")).status_code == 204
    assert (await register(worker, name, topicsPattern=f"{name}-.*")).status_code == 204
    await eventually(lambda: has(worker.running(name), 1))
    status = (await worker.http.get(f"{url(f'{name}-bad')}/0/status")).json()
    assert (status["running"], "input pattern '(?<=a)b'" in status["error"]) == (False, True)
