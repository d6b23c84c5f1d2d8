"""Two workers of one Pulsar cluster, and functions that change hands: one state in the end, and nothing left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import attrs
import httpx2
import pytest
from kubernetes import client

from pulsemill.errors import PulsemillError
from pulsemill.runtime import InstanceConfig
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.cluster import Cluster as WorkersCluster
from pulsemill_runtime_k8s.connecting import connect
from pulsemill_runtime_k8s.runtime import KubernetesRuntime
from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker
from tests.rig.kubernetes.api_proxy import api_proxy
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.waiting import until

UNSCHEDULABLE: Final = {"cpu": 4000, "ram": 128 * 1024**2, "disk": 1024**3}
NAMES: Final = ("one", "two", "three", "four")
SETTLE_SECONDS: Final = 120.0
SPAWNERS_PAUSE_SECONDS: Final = 0.2
FIGHTS: Final = 3

broker_too = pytest.mark.pulsar
pytestmark = [pytest.mark.kubernetes]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return exclaim_package(tmp_path)


@pytest.fixture
def start_member(start_worker: Any, kubernetes_namespace: str) -> Callable[..., Any]:
    """Starts a worker of a cluster whose functions are in one place; pods get their packages from nobody."""
    common = {
        "pulsarFunctionsNamespace": f"public/{kubernetes_namespace}",
        "downloadDirectory": "download",  # a pod's, so that the workers do not differ about it
        "rescheduleTimeoutMs": 500,
        "failureCheckFreqMs": 500,
        "pulsemill": {"orphanCheckSeconds": 2, "restartBackoffMaxSeconds": 2},
    }

    def start(name: str, factory: dict[str, Any]) -> Any:
        return start_worker(name, factory=factory, settings=common | {"workerId": name}, leads=name == "first")

    return start


@broker_too
def test_pods_do_not_notice_that_their_function_changes_hands(start_member: Any, topics: Topics, package: Path) -> None:
    with start_member("first", {}) as first:
        packages = {"pulsarAdminUrl": first.web_service_url}
        with start_member("second", packages) as second:
            until(lambda: agree(first, second), first.server.end_of_log)
            for name in NAMES[:2]:
                first.register(exclaiming(name), package)
            for name in NAMES[:2]:
                first.wait_running(name, 1)
            before = uids(first)
            until(lambda: spread(first), lambda: f"{owners(first)}\n{first.server.end_of_log()}")
            staying, leaving = by_leadership(first, second)
            admin(staying, "PUT", f"/leader/drain?workerId={name_of(leaving)}").raise_for_status()
            until(lambda: owners(first) == {name_of(staying)}, lambda: str(owners(first)))
            for name in NAMES[:2]:
                second.wait_running(name, 1)
                assert topics.exclaim(name, "a") == ["a!"]
            assert uids(first) == before
            for name in NAMES[:2]:
                second.ask("DELETE", name).raise_for_status()
            until(lambda: not first.objects(), lambda: f"left: {first.objects()}\n{first.server.end_of_log()}")


@broker_too
def test_a_leader_that_dies_amid_updates_and_deletions_leaves_no_trace(start_member: Any, package: Path) -> None:
    factory = {"pulsarAdminUrl": "http://127.0.0.1:1"}
    with start_member("first", factory) as first, start_member("second", factory) as second:
        until(lambda: agree(first, second), first.server.end_of_log)
        leader, other = by_leadership(first, second)
        for name in NAMES:
            leader.register(exclaiming(name, resources=UNSCHEDULABLE), package)
        until(lambda: replicas(other) == dict.fromkeys(NAMES, 1), lambda: str(replicas(other)))
        until(lambda: spread(other), lambda: f"{owners(other)}\n{other.server.end_of_log()}")
        leader.ask("DELETE", NAMES[0]).raise_for_status()
        for name in NAMES[1:]:
            leader.update(exclaiming(name, resources=UNSCHEDULABLE, parallelism=2))
        leader.server.kill()
        wanted = dict.fromkeys(NAMES[1:], 2)
        until(lambda: replicas(other) == wanted, lambda: f"{replicas(other)}\n{other.server.end_of_log()}")
        with start_member("third", factory) as third:
            other.ask("DELETE", NAMES[1]).raise_for_status()
            other.update(exclaiming(NAMES[2], resources=UNSCHEDULABLE, parallelism=3))
            other.server.kill()
            wanted = {NAMES[2]: 3, NAMES[3]: 2}
            until(lambda: replicas(third) == wanted, lambda: f"{replicas(third)}\n{third.server.end_of_log()}")
            until(lambda: leader_of(third) == "third", third.server.end_of_log)
            for name in NAMES[2:]:
                third.ask("DELETE", name).raise_for_status()
            until(lambda: not third.objects(), lambda: f"left: {third.objects()}\n{third.server.end_of_log()}")


def admin(worker: Worker, method: str, path: str) -> httpx2.Response:
    return httpx2.request(method, f"{worker.web_service_url}/admin/v2/worker{path}", timeout=60, follow_redirects=True)


def leader_of(worker: Worker) -> str:
    answer = admin(worker, "GET", "/cluster/leader")
    return str(answer.json()["workerId"]) if answer.is_success else ""


def by_leadership(first: Worker, second: Worker) -> tuple[Worker, Worker]:
    """The leader and the other."""
    return (first, second) if leader_of(first) == "first" else (second, first)


def spread(worker: Worker) -> bool:
    """Whether both have functions; if not, the leader is asked to see to it."""
    if len(owners(worker)) == 1:
        admin(worker, "PUT", "/rebalance")
    return owners(worker) == {"first", "second"}


def name_of(worker: Worker) -> str:
    return worker.server.log.parent.name


def agree(first: Worker, second: Worker) -> bool:
    """Whether both know both, and who leads: that changes as one joins."""
    return members(first) == members(second) == {"first", "second"} and leader_of(first) == leader_of(second) != ""


def members(worker: Worker) -> set[str]:
    return {each["workerId"] for each in admin(worker, "GET", "/cluster").json()}


def owners(worker: Worker) -> set[str]:
    """The workers that have a function."""
    return {owner for owner, instances in admin(worker, "GET", "/assignments").json().items() if instances}


def uids(worker: Worker) -> set[str]:
    return {pod.metadata.uid for pod in worker.pods()}


def replicas(worker: Worker) -> dict[str, int]:
    """Those of each function's StatefulSet."""
    found = client.AppsV1Api(worker.cluster.api()).list_namespaced_stateful_set(worker.namespace).items
    kept = [each for each in found if not each.metadata.deletion_timestamp]
    return {each.metadata.name.removeprefix("pf-public-default-"): each.spec.replicas for each in kept}


@attrs.define
class Owner:
    """A worker that keeps a function as it knows it, as a spawner does, and counts how often it had to."""

    runtime: KubernetesRuntime
    starts: int = 0

    async def keep(self) -> None:
        while True:
            await self.runtime.start()
            self.starts += 1
            await self.runtime.wait()
            await asyncio.sleep(SPAWNERS_PAUSE_SECONDS)


@pytest.fixture
async def new_workers_cluster(cluster: Cluster, kubernetes_namespace: str, new_settings: Any) -> AsyncIterator[Any]:
    """Makes Kubernetes as a worker in this process uses it, by the field manager of a Pulsar cluster's workers."""
    made: list[WorkersCluster] = []
    with api_proxy(cluster.kubeconfig) as proxy:

        async def new(manager: str) -> WorkersCluster:
            api = KubernetesApi(await connect(proxy.url, submitting_inside_pod=False), manager)
            made.append(WorkersCluster(api, new_settings(jobNamespace=kubernetes_namespace), None))
            return made[-1]

        yield new
        for each in made:
            await each.close()


@pytest.fixture
async def workers_cluster(new_workers_cluster: Any) -> Any:
    """That of one Pulsar cluster."""
    return await new_workers_cluster("pulsemill:test:public/functions")


async def test_one_that_learns_late_of_its_successor_does_not_win(
    workers_cluster: WorkersCluster, cluster: Cluster, kubernetes_namespace: str, new_plan: Any, new_details: Any
) -> None:
    def owner(parallelism: int) -> Owner:
        details = new_details(parallelism=parallelism)
        plan = new_plan(details, workers_cluster.settings)
        instance = InstanceConfig(details, -1, "", "", "standalone")
        return Owner(workers_cluster.runtime(instance, lambda: plan))

    async def live() -> Any:
        apps = client.AppsV1Api(cluster.api())
        found = await asyncio.to_thread(apps.list_namespaced_stateful_set, kubernetes_namespace)
        return found.items

    old, new = owner(1), owner(2)
    async with asyncio.timeout(SETTLE_SECONDS), asyncio.TaskGroup() as tasks:
        keeping = [tasks.create_task(old.keep())]
        while not old.starts:  # noqa: ASYNC110 it tells nobody
            await asyncio.sleep(0.05)
        keeping.append(tasks.create_task(new.keep()))
        while min(old.starts, new.starts) < FIGHTS:  # noqa: ASYNC110 they tell nobody
            await asyncio.sleep(0.05)
        keeping[0].cancel()
        while [each.spec.replicas for each in await live()] != [2]:  # noqa: ASYNC110 nor does it
            await asyncio.sleep(0.2)
        keeping[1].cancel()
    await new.runtime.stop()
    assert await live() == []


async def test_another_pulsar_cluster_waits_for_a_function_of_the_same_name_to_go(
    new_workers_cluster: Any, cluster: Cluster, kubernetes_namespace: str, new_plan: Any, new_details: Any
) -> None:
    async def runtime(region: str) -> KubernetesRuntime:
        workers = await new_workers_cluster(f"pulsemill:{region}:public/functions")
        settings = attrs.evolve(workers.settings, pulsar_service_url=f"pulsar://{region}:6650")
        details = new_details()
        instance = InstanceConfig(details, -1, "", "", region)
        made: KubernetesRuntime = workers.runtime(instance, lambda: new_plan(details, settings))
        return made

    def live() -> list[str]:
        found = client.AppsV1Api(cluster.api()).list_namespaced_stateful_set(kubernetes_namespace).items
        return [each.metadata.uid for each in found]

    east, west = await runtime("east"), await runtime("west")
    async with asyncio.timeout(SETTLE_SECONDS):
        await east.start()
        before = await asyncio.to_thread(live)
        with pytest.raises(PulsemillError, match=r"belongs to .* of the workers pulsemill:east:public/functions"):
            await west.start()
        await west.stop()
        assert await asyncio.to_thread(live) == before
        await east.stop()
        await west.start()
        await west.stop()
    assert await asyncio.to_thread(live) == []
