"""What goes wrong beside a real broker: each is told by name, heals where time heals, and harms no other function."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pulsar
import pulsar.asyncio
import pytest

from tests.integration.clusters import CODE, Cluster, Worker, has, name_of, url
from tests.rig.broker import Broker
from tests.rig.ports import free_port
from tests.rig.waiting import eventually

pytestmark = pytest.mark.pulsar


@pytest.fixture
async def cluster(broker: Broker, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as closing:
        settings = {"initialBrokerReconnectMaxRetries": 0, "functionsWorkerEnablePackageManagement": False}
        yield Cluster(tmp_path, broker, f"public/{name_of('bad')}", settings, closing)


@pytest.fixture
async def worker(cluster: Cluster) -> Worker:
    """With a function that must go on running, whatever happens to others."""
    worker = await cluster.start("worker")
    assert (await worker.register(healthy(cluster))).status_code == 204
    await eventually(lambda: has(worker.running(healthy(cluster)), 1))
    return worker


@pytest.fixture
async def admin(broker: Broker) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=f"{broker.web_service_url}/admin/v2", timeout=30) as admin:
        yield admin


def healthy(cluster: Cluster) -> str:
    return f"healthy-{cluster.namespace.partition('/')[2]}"


async def error_of(worker: Worker, path: str) -> str:
    return str((await worker.http.get(f"{path}/0/status")).json().get("error") or "")


async def register_in(worker: Worker, path: str, code: bytes = CODE, **config: Any) -> None:
    given = {"className": "code", "runtime": "PYTHON", "py": "code.py", **config}
    parts = {"functionConfig": (None, json.dumps(given), "application/json"), "data": ("code.py", code)}
    answer = await worker.http.post(path, files=parts)
    assert answer.status_code == 204, answer.text


def nobody() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.mark.parametrize("key", ["pulsarServiceUrl", "pulsarWebServiceUrl"])
async def test_a_broker_that_is_not_there_is_named(cluster: Cluster, key: str) -> None:
    address = nobody()
    cluster.settings[key] = f"{'pulsar' if key == 'pulsarServiceUrl' else 'http'}://{address}"
    with pytest.raises(
        AssertionError, match=rf"(?s)no (?:broker answers at|answer from).*{address}.*check the address"
    ):
        await cluster.start("lost")


async def test_the_address_of_something_else_is_named(cluster: Cluster) -> None:
    port = urlsplit(cluster.broker.service_url).port  # of the broker, but not of its admin API
    cluster.settings["pulsarWebServiceUrl"] = f"http://127.0.0.1:{port}"
    with pytest.raises(AssertionError, match=f"{port} .*pulsarWebServiceUrl"):
        await cluster.start("lost")


async def test_an_unknown_cluster_is_told_with_the_known_ones(cluster: Cluster) -> None:
    cluster.settings["pulsarFunctionsCluster"] = "mars"
    with pytest.raises(AssertionError, match=r"pulsarFunctionsCluster mars: .* only .*standalone"):
        await cluster.start("lost")


async def test_a_namespace_that_forbids_new_topics_fails_that_function_until_there_is_the_topic(
    cluster: Cluster, worker: Worker, admin: httpx2.AsyncClient
) -> None:
    namespace = f"public/{name_of('strict')}"
    (await admin.put(f"/namespaces/{namespace}", json={})).raise_for_status()
    (
        await admin.post(f"/namespaces/{namespace}/autoTopicCreation", json={"allowAutoTopicCreation": False})
    ).raise_for_status()
    path, topic = f"/admin/v3/functions/{namespace}/f", f"persistent://{namespace}/in"
    await register_in(worker, path, inputs=[topic])
    await eventually(lambda: has(says(worker, path, f"cannot subscribe to input {topic}"), True))
    assert await worker.running(healthy(cluster)) == 1
    (await admin.put(f"/persistent/{namespace}/in")).raise_for_status()
    await eventually(lambda: has(runs(worker, path), True))


async def test_a_schema_that_does_not_fit_fails_that_function_alone(
    cluster: Cluster, worker: Worker, broker: Broker
) -> None:
    name = name_of("schema")
    client = pulsar.asyncio.Client(broker.service_url)
    producer = await client.create_producer(f"{name}-in", schema=pulsar.schema.JsonSchema(Temperature))
    await register_in(worker, url(name), inputSpecs={f"{name}-in": {"schemaType": "string"}})
    await eventually(lambda: has(says(worker, url(name), f"cannot subscribe to input {name}-in"), True))
    assert await worker.running(healthy(cluster)) == 1
    await producer.close()
    await client.close()
    assert (await worker.http.delete(url(name))).status_code == 204


async def test_a_package_that_is_gone_is_told_and_harms_nobody(
    cluster: Cluster, worker: Worker, admin: httpx2.AsyncClient
) -> None:
    name = name_of("gone")
    code = CODE + b"# not the code of others, which the worker has at hand\n"
    await register_in(worker, url(name), code, inputs=[f"{name}-in"])
    await eventually(lambda: has(worker.running(name), 1))
    assert (await worker.http.post(f"{url(name)}/stop")).status_code == 204
    await eventually(lambda: has(worker.running(name), 0))
    for topic in (await admin.get(f"/persistent/{cluster.namespace}")).raise_for_status().json():
        if topic.rpartition("/")[2] not in {"metadata", "assignments", "coordinate"}:
            path = topic.replace("://", "/")
            (await admin.delete(f"/{path}", params={"force": "true"})).raise_for_status()
    assert (await worker.http.post(f"{url(name)}/start")).status_code == 204
    await eventually(lambda: has(says(worker, url(name), "package"), True))
    assert await worker.running(healthy(cluster)) == 1


async def says(worker: Worker, path: str, text: str) -> bool:
    return text in await error_of(worker, path)


async def runs(worker: Worker, path: str) -> bool:
    return bool((await worker.http.get(f"{path}/status")).json().get("numRunning") == 1)


class Temperature(pulsar.schema.Record):  # type: ignore[misc]
    celsius = pulsar.schema.Float()
