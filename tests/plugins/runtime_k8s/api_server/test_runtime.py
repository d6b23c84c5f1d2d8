"""One function's StatefulSet under the spawner's eyes."""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import attrs
import pytest

from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.runtime import InstanceConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_runtime_k8s import runtime as module
from pulsemill_runtime_k8s.api_errors import ApiError
from pulsemill_runtime_k8s.cluster import Cluster
from pulsemill_runtime_k8s.deployment import Deployment
from pulsemill_runtime_k8s.runtime import KubernetesRuntime
from pulsemill_runtime_k8s.settings import Settings
from pulsemill_runtime_k8s.view import NamespaceView

LABELS = {"component": "function", "tenant": "t", "namespace": "n", "name": "f"}
SETS, SERVICES = "/apis/apps/v1/namespaces/jobs/statefulsets", "/api/v1/namespaces/jobs/services"
PODS, EVENTS = "/api/v1/namespaces/jobs/pods", "/api/v1/namespaces/jobs/events"


def manifest(kind: str, name: str) -> dict[str, Any]:
    spec = {"replicas": 2} if kind == "StatefulSet" else {"clusterIP": "None"}
    version = "apps/v1" if kind == "StatefulSet" else "v1"
    metadata = {"name": name, "namespace": "jobs", "labels": LABELS}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


class FakeChannels:
    """Instances that answer, or not."""

    def __init__(self) -> None:
        self.failure: PulsemillError | None = None
        self.asked: list[tuple[int, str]] = []
        self.closed = 0

    async def call(self, instance_id: int, pod: dict[str, Any], method: str, answer: type[Any]) -> Any:
        self.asked.append((instance_id, method))
        if self.failure:
            raise self.failure
        return FunctionStatus(running=True, numReceived=7) if answer is FunctionStatus else MetricsData(receivedTotal=7)

    async def close(self) -> None:
        self.closed += 1


@attrs.define
class World:
    api: Any
    view: NamespaceView
    channels: FakeChannels
    runtime: KubernetesRuntime
    another: Callable[[], KubernetesRuntime]
    place: tuple[str, str] = ("jobs", "pf-t-n-f")

    def add_pod(self, instance_id: int, container: dict[str, Any]) -> None:
        name = f"pf-t-n-f-{instance_id}"
        status = {"containerStatuses": [{"restartCount": 2, **container}]}
        self.api.send(PODS, "ADDED", {"metadata": {"name": name, "uid": name}, "status": status})

    def warn(self, kind: str, name: str, uid: str, message: str) -> None:
        involved = {"kind": kind, "name": name, "uid": uid}
        event = {"metadata": {"name": f"{uid} {message}"}, "involvedObject": involved, "message": message}
        self.api.send(EVENTS, "ADDED", {**event, "reason": "FailedIt"})

    def show(self) -> None:
        """Let the watches tell what the server has."""
        for collection in (SETS, SERVICES):
            for path, each in self.api.objects.items():
                if path.startswith(f"{collection}/"):
                    self.api.send(collection, "MODIFIED", copy.deepcopy(each))


@pytest.fixture
async def world(api: Any) -> AsyncIterator[World]:
    cluster, channels = Cluster(api, cast("Settings", None), None), FakeChannels()
    view = cluster.view("jobs")
    name = InstanceName(FunctionName("t", "n", "f"), -1)

    def configure() -> Deployment:
        place = made.place[1]
        return Deployment(api, view, manifest("Service", place), manifest("StatefulSet", place), grace_seconds=5)

    def runtime() -> KubernetesRuntime:
        return KubernetesRuntime(name, configure, cluster.view, lambda _: channels, lambda _: made.place)  # type: ignore[arg-type,return-value] # a fake

    made = World(api, view, channels, runtime(), runtime)
    yield made
    await view.stop()


async def started(world: World, settle: Any) -> "asyncio.Task[None]":
    await settle()
    await world.runtime.start()
    world.show()
    waiting = asyncio.create_task(world.runtime.wait())
    await settle()
    assert world.runtime.is_alive
    assert not waiting.done()
    return waiting


async def test_it_lives_until_somebody_deletes_its_stateful_set(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    world.api.send(SETS, "DELETED", world.api.objects.pop(f"{SETS}/pf-t-n-f"))
    await asyncio.wait_for(waiting, 5)
    assert not world.runtime.is_alive
    assert world.runtime.death_exception == "StatefulSet pf-t-n-f was deleted by somebody else"
    await world.runtime.start()
    assert f"{SETS}/pf-t-n-f" in world.api.objects


async def test_it_lives_until_somebody_changes_its_stateful_set(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    live = world.api.objects[f"{SETS}/pf-t-n-f"]
    live["metadata"]["generation"] += 1
    world.show()
    await asyncio.wait_for(waiting, 5)
    assert world.runtime.death_exception == "StatefulSet pf-t-n-f was changed by somebody else"


async def test_it_lives_until_somebody_deletes_its_service(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    world.api.send(SERVICES, "DELETED", world.api.objects.pop(f"{SERVICES}/pf-t-n-f"))
    await asyncio.wait_for(waiting, 5)
    assert world.runtime.death_exception == "Service pf-t-n-f was deleted by somebody else"


async def test_it_lives_until_somebody_changes_its_service(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    world.api.objects[f"{SERVICES}/pf-t-n-f"]["spec"]["ports"] = [{"port": 80}]
    world.show()
    await asyncio.wait_for(waiting, 5)
    assert world.runtime.death_exception == "Service pf-t-n-f was changed by somebody else"
    await world.runtime.start()
    assert world.api.objects[f"{SERVICES}/pf-t-n-f"]["spec"] == {"clusterIP": "None"}


async def test_a_watch_that_still_shows_the_service_before_an_update_accuses_nobody(world: World, settle: Any) -> None:
    await settle()
    old = {**manifest("Service", "pf-t-n-f"), "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}
    world.api.send(SERVICES, "ADDED", old)
    await world.runtime.start()
    world.api.send(SETS, "ADDED", copy.deepcopy(world.api.objects[f"{SETS}/pf-t-n-f"]))
    waiting = asyncio.create_task(world.runtime.wait())
    await settle()
    assert not waiting.done()
    world.show()
    await settle()
    assert not waiting.done()
    world.api.send(SERVICES, "MODIFIED", old)
    await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize("collection", [SETS, SERVICES])
async def test_a_watch_that_is_refused_accuses_nobody(
    world: World, settle: Any, monkeypatch: pytest.MonkeyPatch, collection: str
) -> None:
    await settle()
    world.api.refuse("GET", collection, 403, "forbidden", times=100)
    world.api.events[collection].put_nowait(ApiError("GET", collection, 403, "Forbidden", "forbidden"))
    await settle()
    monkeypatch.setattr(module, "LAG_SECONDS", 0)
    await world.runtime.start()
    waiting = asyncio.create_task(world.runtime.wait())
    for _ in range(5):
        await settle()
    assert not waiting.done()
    waiting.cancel()


async def test_what_is_missing_without_having_been_seen_counts_after_a_while(
    world: World, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settle()
    monkeypatch.setattr(module, "LAG_SECONDS", 0)
    await world.runtime.start()
    await asyncio.wait_for(world.runtime.wait(), 5)
    assert world.runtime.death_exception == "StatefulSet pf-t-n-f was deleted by somebody else"


async def test_what_the_controller_writes_is_no_interference(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    world.api.objects[f"{SETS}/pf-t-n-f"]["status"] = {"readyReplicas": 2}
    world.show()
    await settle()
    assert not waiting.done()
    waiting.cancel()


async def test_its_own_restart_is_no_interference(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    await world.runtime.restart(-1)
    assert world.api.objects[f"{SETS}/pf-t-n-f"]["metadata"]["generation"] == 2
    world.show()
    await settle()
    assert not waiting.done()
    await world.runtime.restart(1)
    assert world.api.calls[-1] == f"DELETE {PODS}/pf-t-n-f-1"
    waiting.cancel()


async def test_a_restart_that_fails_hides_no_change_by_others(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    world.api.refuse("PATCH", f"{SETS}/pf-t-n-f", 500)
    with pytest.raises(PulsemillError):
        await world.runtime.restart(-1)
    world.api.objects[f"{SETS}/pf-t-n-f"]["metadata"]["generation"] += 1
    world.show()
    await asyncio.wait_for(waiting, 5)
    assert world.runtime.death_exception == "StatefulSet pf-t-n-f was changed by somebody else"


async def test_a_change_by_others_just_before_a_restart_is_noticed(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    world.api.objects[f"{SETS}/pf-t-n-f"]["metadata"]["generation"] += 1
    await world.runtime.restart(-1)
    world.show()
    await asyncio.wait_for(waiting, 5)


async def test_each_of_two_restarts_counts(world: World, settle: Any) -> None:
    waiting = await started(world, settle)
    await asyncio.gather(world.runtime.restart(-1), world.runtime.restart(-1))
    world.show()
    await settle()
    assert world.api.objects[f"{SETS}/pf-t-n-f"]["metadata"]["generation"] == 3
    assert not waiting.done()
    waiting.cancel()


async def test_a_running_instance_speaks_for_itself(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    world.add_pod(1, {"state": {"running": {}}})
    await settle()
    calls = len(world.api.calls)
    status = await world.runtime.get_function_status(1)
    assert (status.running, status.numReceived, status.numRestarts) == (True, 7, 2)
    assert (await world.runtime.get_metrics(1)).receivedTotal == 7
    assert len(world.api.calls) == calls, "a status asks nothing of the API server"


async def test_one_whose_pod_is_in_trouble_is_not_asked(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    world.add_pod(0, {"state": {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}})
    await settle()
    status = await world.runtime.get_function_status(0)
    assert (status.running, status.failureException) == (False, "ErrImagePull: no such image")
    with pytest.raises(PulsemillError, match="ErrImagePull"):
        await world.runtime.get_metrics(0)
    assert world.channels.asked == []


async def test_a_predecessors_warning_is_not_the_pods(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    world.add_pod(0, {"state": {"waiting": {"reason": "ContainerCreating"}}})
    world.warn("Pod", "pf-t-n-f-0", "an earlier uid", "no such secret")
    await settle()
    assert (await world.runtime.get_function_status(0)).failureException == "The container is being created"
    world.warn("Pod", "pf-t-n-f-0", "pf-t-n-f-0", "no such volume")
    await settle()
    assert "no such volume" in (await world.runtime.get_function_status(0)).failureException


async def test_the_warning_of_an_earlier_stateful_set_is_not_this_ones(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    world.warn("StatefulSet", "pf-t-n-f", "an earlier uid", "exceeded quota")
    await settle()
    assert (await world.runtime.get_function_status(0)).failureException == "The pod does not exist yet"
    world.warn("StatefulSet", "pf-t-n-f", world.api.objects[f"{SETS}/pf-t-n-f"]["metadata"]["uid"], "exceeded quota")
    await settle()
    assert "exceeded quota" in (await world.runtime.get_function_status(0)).failureException


async def test_one_that_does_not_answer_says_so(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    world.add_pod(0, {"state": {"running": {}}})
    await settle()
    world.channels.failure = PulsemillError("DEADLINE_EXCEEDED: no answer")
    status = await world.runtime.get_function_status(0)
    assert (status.running, status.failureException) == (False, "DEADLINE_EXCEEDED: no answer")


async def test_functions_of_a_namespace_share_its_watches(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    assert sorted(world.api.watches) == sorted([SETS, SERVICES, PODS, EVENTS])
    world.place = ("jobs", "pf-t-n-g")
    second = world.another()
    await second.start()
    waiting = asyncio.create_task(second.wait())
    world.show()
    await settle()
    assert second.is_alive
    assert len(world.api.watches) == 4
    waiting.cancel()


async def test_stop_leaves_nothing(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    await world.runtime.stop()
    assert world.api.objects == {}
    assert world.channels.closed == 1
    await world.runtime.stop()


async def test_the_next_version_gets_what_it_will_adopt(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    await world.runtime.hand_over(successor())
    assert len(world.api.objects) == 2


async def test_what_the_next_version_will_not_adopt_is_deleted(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    world.place = ("jobs", "another-job")
    await world.runtime.hand_over(successor())
    assert world.api.objects == {}


async def test_a_start_at_another_place_leaves_nothing_at_the_old_one(world: World, settle: Any) -> None:
    (await started(world, settle)).cancel()
    world.place = ("jobs", "another-job")
    await world.runtime.start()
    assert sorted(world.api.objects) == [f"{SERVICES}/another-job", f"{SETS}/another-job"]


async def test_a_start_that_is_refused_can_be_repeated(world: World, settle: Any) -> None:
    await settle()
    world.api.refuse("PATCH", f"{SETS}/pf-t-n-f", 403, "exceeded quota")
    with pytest.raises(PulsemillError, match="exceeded quota"):
        await world.runtime.start()
    assert not world.runtime.is_alive
    await world.runtime.start()
    assert world.runtime.is_alive
    await world.runtime.stop()
    assert world.api.objects == {}


def successor() -> InstanceConfig:
    return InstanceConfig(FunctionDetails(tenant="t", namespace="n", name="f"), -1, "id", "version", "standalone")
