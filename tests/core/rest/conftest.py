"""A worker of fakes around the REST application, and a client for it."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import InstanceNotFoundError, MetadataOutOfDateError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.packages.store import PackageStore
from pulsemill.rest.app import create_app
from pulsemill.rest.ports import DrainState, DrainStatus, WorkerInfo
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionDetails, FunctionMetaData
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData

FUNCTION_URL = "/admin/v3/functions/public/default/exclaim"
THIS_WORKER = WorkerInfo("w1", "host-1", 6750)
CODE = b"def process(input):\n    return input + '!'\n"


class FakeFunctions:
    """Metadata with the version rule of the metadata topic."""

    def __init__(self) -> None:
        self.by_name: dict[FunctionName, FunctionMetaData] = {}
        self.failure: Exception | None = None
        self.before_write: Callable[[], object] = lambda: None

    def get(self, name: FunctionName) -> FunctionMetaData | None:
        return self.by_name.get(name)

    def in_namespace(self, tenant: str, namespace: str) -> Sequence[FunctionMetaData]:
        return [m for n, m in self.by_name.items() if (n.tenant, n.namespace) == (tenant, namespace)]

    def all(self) -> Sequence[FunctionMetaData]:
        return list(self.by_name.values())

    async def write(self, metadata: FunctionMetaData, *, delete: bool = False) -> None:
        await self.write_as_leader(metadata, delete=delete)

    async def write_as_leader(self, metadata: FunctionMetaData, *, delete: bool = False) -> None:
        self.before_write()
        if self.failure is not None:
            raise self.failure
        name = FunctionName.of(metadata.functionDetails)
        current = self.by_name.get(name)
        if current is not None and metadata.version <= current.version:
            raise MetadataOutOfDateError(str(name))
        if delete:
            self.by_name.pop(name, None)
        else:
            self.by_name[name] = FunctionMetaData.FromString(metadata.SerializeToString())


class FakeInstances:
    """Instances that tests assign and describe by hand."""

    def __init__(self) -> None:
        self.assigned: list[Assignment] = []
        self.statuses: dict[InstanceName, FunctionStatus | Exception] = {}
        self.metrics: dict[InstanceName, MetricsData | Exception] = {}
        self.restarted: list[object] = []
        self.refusal: Exception | None = None

    def assign(self, metadata: FunctionMetaData, *ids: int) -> None:
        for instance in ids:
            assignment = Assignment(workerId="w1")
            assignment.instance.functionMetaData.CopyFrom(metadata)
            assignment.instance.instanceId = instance
            self.assigned.append(assignment)

    def assignments(self, name: FunctionName) -> Sequence[Assignment]:
        return [each for each in self.assigned if InstanceName.assigned(each).function == name]

    async def get_function_status(self, name: InstanceName) -> FunctionStatus:
        unscheduled = FunctionStatus(running=False, failureException="Function has not been scheduled")
        return _or_raise(self.statuses.get(name, unscheduled))

    async def get_metrics(self, name: InstanceName) -> MetricsData | None:
        found = self.metrics.get(name)
        return None if found is None else _or_raise(found)

    async def restart_instance(self, name: InstanceName) -> None:
        if name not in [InstanceName.assigned(each) for each in self.assigned]:
            raise InstanceNotFoundError(str(name))
        self.restarted.append(name)

    async def restart_function(self, name: FunctionName) -> None:
        if not self.assignments(name):
            raise InstanceNotFoundError(str(name))
        self.restarted.append(name)

    async def get_prometheus_metrics(self) -> str:
        return "pulsar_function_worker_instance_count 1\n"

    def do_admission_checks(self, details: FunctionDetails) -> None:
        if self.refusal is not None:
            raise self.refusal


def _or_raise(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


@attrs.define
class FakeMembership:
    """One worker, leading."""

    initialized: bool = True
    is_leader_ready: bool = True
    trouble: str = ""
    the_leader: WorkerInfo | None = THIS_WORKER
    worker_id: str = THIS_WORKER.worker_id
    refusal: Exception | None = None
    rebalances: int = 0
    drained: dict[str, DrainStatus] = attrs.field(factory=dict)

    def rebalance(self) -> None:
        self._refuse()
        self.rebalances += 1

    def drain(self, worker_id: str) -> None:
        self._refuse()
        self.drained[worker_id] = DrainStatus(DrainState.RUNNING)

    def drain_status(self, worker_id: str) -> DrainStatus:
        self._refuse()
        return self.drained[worker_id]

    def _refuse(self) -> None:
        if self.refusal:
            raise self.refusal

    async def members(self) -> Sequence[WorkerInfo]:
        return [THIS_WORKER]

    async def leader(self) -> WorkerInfo | None:
        return self.the_leader

    def assignments_by_worker(self) -> Mapping[str, Sequence[InstanceName]]:
        return {"w1": [InstanceName(FunctionName("public", "default", "exclaim"), 0)]}


@attrs.define
class FakeWorker:
    """Another worker of the cluster."""

    answer: httpx2.Response = attrs.field(factory=lambda: httpx2.Response(502))
    asked: list[httpx2.Request] = attrs.field(factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return self.answer


@attrs.define
class FakeBroker:
    """A broker with one tenant and one namespace, whose triggered functions all answer `output`."""

    output: bytes | Exception | None = b"out"
    triggered: list[tuple[str, bytes]] = attrs.field(factory=list)

    async def tenant_exists(self, tenant: str) -> bool:
        return tenant == "public"

    async def namespace_exists(self, tenant: str, namespace: str) -> bool:
        return namespace == "default"

    async def trigger(self, details: FunctionDetails, topic: str, data: bytes) -> bytes | None:
        self.triggered.append((topic, data))
        return None if self.output is None else _or_raise(self.output)


def json_part(value: Any) -> tuple[None, str, str]:
    return (None, json.dumps(value), "application/json")


@attrs.frozen
class World:
    """What a test of routes holds in its hands."""

    client: httpx2.AsyncClient
    ports: RestPorts
    functions: FakeFunctions
    instances: FakeInstances
    membership: FakeMembership
    broker: FakeBroker
    other_worker: FakeWorker
    url: str = FUNCTION_URL

    async def register(self, function: str = "exclaim", *, code: bytes = CODE, **config: Any) -> httpx2.Response:
        base = {"className": "exclaim.Exclaim", "inputs": ["in"], "output": "out", "runtime": "PYTHON"}
        files = {"functionConfig": json_part({**base, **config}), "data": ("exclaim.py", code)}
        return await self.client.post(f"/admin/v3/functions/public/default/{function}", files=files)

    async def update(self, function: str = "exclaim", *, code: bytes | None = None, **config: Any) -> httpx2.Response:
        files: dict[str, Any] = {"functionConfig": json_part(config)}
        if code is not None:
            files["data"] = ("exclaim.py", code)
        return await self.client.put(f"/admin/v3/functions/public/default/{function}", files=files)

    def stored(self, function: str = "exclaim") -> FunctionMetaData:
        return self.functions.by_name[FunctionName("public", "default", function)]

    def blobs(self) -> list[str]:
        return [path.name for path in self.ports.packages.directory.glob("blobs/*/*")]


@pytest.fixture
def other_worker() -> FakeWorker:
    return FakeWorker()


@pytest.fixture
def ports(tmp_path: Path, other_worker: FakeWorker) -> RestPorts:
    folders = {name: tmp_path / name for name in ("functions", "connectors")}
    for folder in folders.values():
        folder.mkdir()
    config = WorkerConfig(**{f"{name}_directory": str(folder) for name, folder in folders.items()})
    store = PackageStore(tmp_path / "packages", max_bytes=100_000)
    fakes = (FakeFunctions(), FakeInstances(), FakeMembership(), FakeBroker())
    return RestPorts(config, *fakes, store, transport=httpx2.MockTransport(other_worker))


@pytest.fixture
async def world(ports: Any, other_worker: FakeWorker) -> AsyncIterator[World]:
    transport = httpx2.ASGITransport(create_app(ports))
    async with httpx2.AsyncClient(transport=transport, base_url="http://worker:6750") as client:
        fakes = (ports.functions, ports.instances, ports.membership, ports.broker)
        yield World(client, ports, *fakes, other_worker)
        incoming = ports.packages.directory / "incoming"
        assert not list(incoming.iterdir()), "a request left a half-received package behind"
