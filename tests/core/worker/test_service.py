"""A worker's start and stop, on a real broker with a runtime that only pretends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.broker.program import HOST
from pulsemill.cluster import client as cluster_client
from pulsemill.cluster.client import BrokerUnreachableError
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import Membership
from pulsemill.cluster.records import Record
from pulsemill.cluster.topic_log import PulsarTopicLog
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.worker import service
from pulsemill.worker.http_server import HttpServer, listen
from pulsemill.worker.runtime_manager import FunctionRuntimeManager
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.service import WorkerService
from pulsemill_instance.proto.Function_pb2 import Instance

pytestmark = pytest.mark.embedded


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    with DataDirectory(tmp_path / "data") as data:
        async with EmbeddedBroker(data) as broker:
            yield broker


@attrs.define
class World:
    """What a test makes workers of; each has a listener of its own."""

    config: WorkerConfig
    setup: RuntimeSetup

    def worker(self) -> WorkerService:
        return WorkerService(self.config, self.setup, listen(HOST, 0))


@pytest.fixture
def world(broker: EmbeddedBroker, tmp_path: Path, factory: Any, secrets: Any) -> World:
    own = attrs.evolve(WorkerConfig().pulsemill, packages_directory=str(tmp_path / "packages"))
    config = WorkerConfig(
        worker_id="w1",
        worker_hostname=HOST,
        pulsar_service_url=broker.service_url,
        download_directory=str(tmp_path / "download"),
        pulsemill=own,
    )
    return World(config, RuntimeSetup(factory, secrets))


def address(listener: socket.socket | None) -> str:
    assert listener is not None
    return f"http://{HOST}:{listener.getsockname()[1]}"


async def register(worker: WorkerService, instance: Instance) -> None:
    await worker.parts.cluster.functions.write(instance.functionMetaData)


async def test_serves_leads_and_runs_until_it_is_stopped(world: World) -> None:
    worker = world.worker()
    url = address(worker.listener)
    async with worker, httpx2.AsyncClient(base_url=url) as client:
        assert (await client.get("/initialized")).text == "true"
        assert (await client.get("/admin/v2/worker/cluster/leader/ready")).json() is True
        assert [member["workerId"] for member in (await client.get("/admin/v2/worker/cluster")).json()] == ["w1"]
    async with httpx2.AsyncClient(base_url=url) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("/initialized")


async def test_stops_in_the_documented_order(
    world: World, factory: Any, instance: Any, monkeypatch: pytest.MonkeyPatch, settled: Any
) -> None:
    def note(target: Any, method: str, what: str) -> None:
        original = getattr(target, method)

        async def noted(*arguments: Any) -> None:
            if what not in factory.events:
                factory.events.append(what)
            await original(*arguments)

        monkeypatch.setattr(target, method, noted)

    note(HttpServer, "stop", "http")
    note(FunctionRuntimeManager, "stop", "instances")
    note(LeaderService, "stop", "leadership")
    note(Membership, "leave", "membership")
    note(service, "close_client", "client")
    async with world.worker() as worker:
        factory.events.clear()
    await worker.stop()
    assert factory.events == ["http", "instances", "leadership", "membership", "client", "factory close"]


async def test_starts_the_runtime_first_and_stops_it_last(world: World, factory: Any, instance: Any) -> None:
    async with world.worker() as worker:
        assert factory.events == ["factory initialize"]
        await register(worker, instance())
    assert factory.events[0] == "factory initialize"
    assert factory.events[-1] == "factory close"


async def test_a_restart_brings_back_what_was_registered(
    world: World, factory: Any, instance: Any, packages: Any, settled: Any
) -> None:
    async with world.worker() as worker:
        await register(worker, instance("kept"))
        await register(worker, instance("gone"))
        gone = instance("gone", version=1).functionMetaData
        await worker.parts.cluster.functions.write(gone, delete=True)
    async with world.worker() as worker:
        assert [one.functionDetails.name for one in worker.parts.cluster.functions.all()] == ["kept"]
        assert [str(name) for name in worker.parts.cluster.view.assignments_by_worker()["w1"]] == [
            "public/default/kept:0"
        ]


async def test_poison_on_its_topics_does_not_keep_it_from_starting(
    world: World, instance: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.worker() as worker:
        for log in (worker.parts.cluster.functions.log, worker.parts.cluster.assignments.log):
            assert isinstance(log, PulsarTopicLog)
            await log.append(Record(b"\xff\xff"))
        await register(worker, instance())
    async with world.worker() as worker:
        assert len(worker.parts.cluster.functions.all()) == 1
    for topic in ("metadata", "assignments"):
        assert f"of persistent://public/functions/{topic}: not a" in caplog.text


async def test_a_start_that_fails_stops_what_was_started(world: World, factory: Any) -> None:
    factory.failure = ConfigurationError("no python3 here")
    worker = world.worker()
    url = address(worker.listener)
    with pytest.raises(ConfigurationError, match="no python3 here"):
        await worker.start()
    assert factory.events == ["factory initialize", "factory close"]
    async with httpx2.AsyncClient(base_url=url) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("/initialized")


async def test_without_a_broker_it_says_where_it_looked(
    world: World, broker: EmbeddedBroker, factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_client, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(cluster_client, "OPERATION_SECONDS", 1)
    await broker.stop()
    world.config = attrs.evolve(world.config, initial_broker_reconnect_max_retries=0)
    with pytest.raises(BrokerUnreachableError, match=f"no broker answers at pulsarServiceUrl {broker.service_url}"):
        await world.worker().start()
    assert factory.events[-1] == "factory close"


async def test_answers_503_until_it_is_initialized(world: World, broker: EmbeddedBroker) -> None:
    await broker.stop()
    worker = world.worker()
    starting = asyncio.create_task(worker.start())
    async with httpx2.AsyncClient(base_url=address(worker.listener)) as client:
        assert (await client.get("/initialized")).status_code == 503
        await broker.start()
        await starting
        assert (await client.get("/initialized")).status_code == 200
    await worker.stop()
    await worker.stop()


def make_orphan(tmp_path: Path) -> Path:
    """A package that no function uses."""
    path = tmp_path / "packages" / "blobs" / "ab" / ("ab" + "0" * 62)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"code")
    return path


async def test_packages_that_no_function_uses_are_deleted(world: World, tmp_path: Path) -> None:
    orphan = make_orphan(tmp_path)
    async with world.worker():
        assert not orphan.exists()


async def test_they_stay_while_some_metadata_cannot_be_read(world: World, tmp_path: Path) -> None:
    async with world.worker() as worker:
        await worker.parts.cluster.functions.log.append(Record(b"\xff\xff"))
    orphan = make_orphan(tmp_path)
    async with world.worker():
        assert orphan.exists()


@pytest.mark.parametrize("compacted", [False, True])
async def test_a_worker_that_would_write_metadata_in_another_way_does_not_start(
    world: World, instance: Any, tmp_path: Path, compacted: bool
) -> None:
    config = world.config
    world.config = attrs.evolve(config, use_compacted_metadata_topic=not compacted)
    async with world.worker() as worker:
        await register(worker, instance())
    orphan = make_orphan(tmp_path)
    world.config = attrs.evolve(config, use_compacted_metadata_topic=compacted)
    there = "false" if compacted else "true"
    refusal = f"of persistent://public/functions/metadata does not fit: .*useCompactedMetadataTopic: {there}"
    with pytest.raises(ConfigurationError, match=refusal):
        await world.worker().start()
    assert orphan.exists()
