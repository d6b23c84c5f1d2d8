"""What a cluster does to pods: a quota, a full node, too little memory, an eviction. Each is told and healed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker
from tests.rig.waiting import until

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

MEBIBYTE = 1024**2
GREEDY = """
class Hoard:
    def process(self, input, context):
        kept = []
        while True:
            kept.append(bytearray(16 * 1024 * 1024))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return exclaim_package(tmp_path)


@pytest.mark.parametrize(
    ("counted", "refused"), [("pods", "FailedCreate"), ("count/statefulsets.apps", "answered 403")]
)
def test_a_quota_is_named_until_it_is_lifted(start_worker: Any, package: Path, counted: str, refused: str) -> None:
    with start_worker() as worker:
        core = client.CoreV1Api(worker.cluster.api())
        limit = client.V1ResourceQuota(
            metadata=client.V1ObjectMeta(name="nothing-allowed"), spec=client.V1ResourceQuotaSpec(hard={counted: "0"})
        )
        core.create_namespaced_resource_quota(worker.namespace, limit)
        until(lambda: core.read_namespaced_resource_quota("nothing-allowed", worker.namespace).status.hard, lambda: "")
        worker.register(exclaiming("limited"), package)
        error = worker.wait_error("limited", "exceeded quota: nothing-allowed")["error"]
        assert refused in error
        core.delete_namespaced_resource_quota("nothing-allowed", worker.namespace)
        worker.wait_running("limited", 1)
        worker.delete("limited")


def test_a_node_that_is_too_small_is_told_until_less_is_asked_for(start_worker: Any, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("huge", resources={"cpu": 4000, "ram": 128 * MEBIBYTE, "disk": 1024**3}), package)
        assert "Insufficient cpu" in worker.wait_error("huge", "Unschedulable")["error"]
        worker.update(exclaiming("huge"))
        worker.wait_running("huge", 1)
        worker.delete("huge")


def test_one_that_takes_too_much_memory_says_so_and_comes_back(
    start_worker: Any, topics: Topics, tmp_path: Path
) -> None:
    package = tmp_path / "exclaim.py"
    package.write_text(GREEDY)
    with start_worker() as worker:
        worker.register(exclaiming("hoarding", className="exclaim.Hoard"), package)
        worker.wait_running("hoarding", 1)
        topics.send("hoarding", "a")
        assert "OOMKilled" in worker.wait_error("hoarding", "OOMKilled")["error"]
        worker.update(exclaiming("hoarding"), exclaim_package(tmp_path / "healed"))
        worker.wait_running("hoarding", 1)
        worker.delete("hoarding")


def test_an_evicted_pod_says_so_and_comes_back(start_worker: Any, topics: Topics, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("evicted"), package)
        worker.wait_running("evicted", 1)
        assert topics.exclaim("evicted", "a") == ["a!"]
        (pod,) = worker.pods()
        core, name = client.CoreV1Api(worker.cluster.api()), pod.metadata.name
        with held(core, worker.namespace, name):
            eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name=name))
            core.create_namespaced_pod_eviction(name, worker.namespace, eviction)
            error = worker.wait_error("evicted", "EvictionByEvictionAPI")["error"]
            assert error == "The pod is being terminated: EvictionByEvictionAPI: Eviction API: evicting"
            until(lambda: has_ended(worker, name), lambda: worker.explain("evicted"))
            # What a kubelet without memory or disk writes; this one has no share in it.
            failed = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}

            def is_told() -> bool:
                core.patch_namespaced_pod_status(name, worker.namespace, {"status": failed})  # which it may overwrite
                return "Evicted: The node was low on resource: memory." in worker.status("evicted")[0]["error"]

            until(is_told, lambda: worker.explain("evicted"))
        worker.wait_running("evicted", 1)
        assert topics.exclaim("evicted", "b") == ["b!"]
        worker.delete("evicted")


@contextmanager
def held(core: client.CoreV1Api, namespace: str, pod: str) -> Iterator[None]:
    """A finalizer lets a pod that is deleted stay for the time of the block."""
    core.patch_namespaced_pod(pod, namespace, {"metadata": {"finalizers": ["pulsemill.test/held"]}})
    try:
        yield
    finally:
        core.patch_namespaced_pod(pod, namespace, {"metadata": {"finalizers": None}})


def has_ended(worker: Worker, name: str) -> bool:
    (pod,) = (each for each in worker.pods() if each.metadata.name == name)
    return bool(pod.status.phase in {"Succeeded", "Failed"})
