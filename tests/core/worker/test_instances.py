"""What the REST API is told about instances."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.metadata import FunctionTable
from pulsemill.cluster.peers import Peers
from pulsemill.cluster.records import AssignmentChange, MetadataChange
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import InstanceNotFoundError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill.worker.instances import UNSCHEDULED, Instances
from pulsemill.worker.metrics import Times, WorkerMetrics
from pulsemill.worker.runtime_manager import FunctionRuntimeManager
from pulsemill.worker.spawners import Spawners
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionDetails, FunctionMetaData, FunctionState, Instance

MakeInstance = Callable[..., Instance]

EXCLAIM = FunctionName("public", "default", "exclaim")
MEMBERS = {"me": WorkerInfo("me", "here", 1), "w2": WorkerInfo("w2", "there", 2)}


async def keep(_: FunctionMetaData) -> None:
    return


def admit(_: FunctionDetails) -> None:
    return


def make_instances(factory: Any, packages: Any, asked: list[httpx2.Request]) -> Instances:
    table = AssignmentTable()
    manager = FunctionRuntimeManager(
        "me",
        FunctionTable(),
        table,
        packages,
        Spawners(WorkerConfig(), factory, packages, Times()),
        keep,
        factory.externally_managed,
    )
    table.on_change = manager.on_change
    manager.start()

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(204)

    peers = Peers(transport=httpx2.MockTransport(answer))
    return Instances(manager, table, WorkerMetrics("standalone"), MEMBERS.get, admit, peers)


@pytest.fixture
def asked() -> list[httpx2.Request]:
    """What other workers were asked."""
    return []


@pytest.fixture
def instances(factory: Any, packages: Any, asked: list[httpx2.Request]) -> Instances:
    return make_instances(factory, packages, asked)


def assign(instances: Instances, instance: Instance, worker: str = "me") -> InstanceName:
    name = InstanceName.of(instance)
    instances.manager.functions.apply(MetadataChange(name.function, 0, instance.functionMetaData))
    instances.table.apply(AssignmentChange(name, Assignment(instance=instance, workerId=worker)))
    return name


class TestStatus:
    async def test_of_a_running_instance(self, instances: Instances, instance: MakeInstance, settled: Any) -> None:
        name = assign(instances, instance())
        await settled()
        status = await instances.get_function_status(name)
        assert (status.running, status.workerId, status.instanceId) == (True, "me", "0")
        await instances.manager.stop()

    async def test_of_a_stopped_instance(self, instances: Instances, instance: MakeInstance) -> None:
        name = assign(instances, instance(i0=FunctionState.STOPPED))
        status = await instances.get_function_status(name)
        assert (status.running, status.workerId, status.failureException) == (False, "me", "")

    async def test_of_an_instance_that_nobody_runs(self, instances: Instances) -> None:
        status = await instances.get_function_status(InstanceName(EXCLAIM, 0))
        assert (status.running, status.workerId, status.failureException) == (False, "", UNSCHEDULED)

    async def test_of_an_instance_whose_worker_is_gone(self, instances: Instances, instance: MakeInstance) -> None:
        name = assign(instances, instance(), worker="gone")
        assert (await instances.get_function_status(name)).failureException == UNSCHEDULED

    async def test_of_an_instance_elsewhere(self, instances: Instances, instance: MakeInstance) -> None:
        name = assign(instances, instance(), worker="w2")
        with pytest.raises(OwnedElsewhereError) as refusal:
            await instances.get_function_status(name)
        assert refusal.value.owner == MEMBERS["w2"]

    async def test_of_each_instance_that_an_external_runtime_holds_together(
        self, external_factory: Any, packages: Any, instance: MakeInstance, settled: Any
    ) -> None:
        instances = make_instances(external_factory, packages, [])
        assign(instances, instance(instance_id=-1, parallelism=2))
        await settled()
        status = await instances.get_function_status(InstanceName(EXCLAIM, 1))
        assert (status.running, status.instanceId) == (True, "1")
        await instances.manager.stop()


class TestMetrics:
    async def test_of_a_running_instance(self, instances: Instances, instance: MakeInstance, settled: Any) -> None:
        name = assign(instances, instance())
        await settled()
        metrics = await instances.get_metrics(name)
        assert metrics is not None
        assert metrics.receivedTotal == 5
        await instances.manager.stop()

    async def test_there_are_none_of_what_does_not_answer(
        self, instances: Instances, factory: Any, instance: MakeInstance, settled: Any
    ) -> None:
        name = assign(instances, instance())
        assert await instances.get_metrics(name) is None
        await settled()
        factory.runtimes[0].healthy = False
        assert await instances.get_metrics(name) is None
        await instances.manager.stop()

    async def test_of_an_instance_elsewhere(self, instances: Instances, instance: MakeInstance) -> None:
        name = assign(instances, instance(), worker="w2")
        with pytest.raises(OwnedElsewhereError):
            await instances.get_metrics(name)

    async def test_the_exposition_has_everything_once(
        self, instances: Instances, factory: Any, instance: MakeInstance, settled: Any
    ) -> None:
        for name in ("a", "b", "mute"):
            assign(instances, instance(name))
        await settled()
        factory.runtimes[2].healthy = False
        text = await instances.get_prometheus_metrics()
        assert text.count("# TYPE pulsar_function_received counter") == 1
        assert text.count("pulsar_function_received{") == 2
        assert "process_open_fds" not in text, "nobody could tell whose"
        assert "pulsar_function_worker_instance_count" in text
        await instances.manager.stop()


class TestRestart:
    async def test_of_a_function_restarts_its_local_instances(
        self, instances: Instances, factory: Any, instance: MakeInstance, settled: Any
    ) -> None:
        for instance_id, worker in enumerate(("me", "me", "w2")):
            assign(instances, instance(instance_id=instance_id, parallelism=3), worker)
        await settled()
        await instances.restart_function(EXCLAIM)
        await settled()
        assert sum(event.startswith("start") for event in factory.events) == 4
        await instances.manager.stop()

    async def test_of_a_function_asks_the_owners_of_others(
        self, instances: Instances, instance: MakeInstance, asked: list[httpx2.Request]
    ) -> None:
        assign(instances, instance(instance_id=1, parallelism=2), "w2")
        await instances.restart_function(EXCLAIM)
        assert [(one.method, one.url.path) for one in asked] == [
            ("POST", "/admin/v3/functions/public/default/exclaim/1/restart")
        ]

    async def test_of_what_is_not_assigned_is_refused(self, instances: Instances) -> None:
        with pytest.raises(InstanceNotFoundError, match="public/default/exclaim has not been assigned yet"):
            await instances.restart_function(EXCLAIM)
        with pytest.raises(InstanceNotFoundError, match="public/default/exclaim/7 doesn't exist"):
            await instances.restart_instance(InstanceName(EXCLAIM, 7))

    async def test_of_an_instance_elsewhere(self, instances: Instances, instance: MakeInstance) -> None:
        name = assign(instances, instance(), worker="w2")
        with pytest.raises(OwnedElsewhereError):
            await instances.restart_instance(name)
