"""A worker in a pod, deployed by what `deploy/` has, with no more rights than its Role gives it."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from kubernetes import client, dynamic

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import WAIT_SECONDS, Worker, until
from tests.rig.broker import Broker
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.containerfile import DEPLOY
from tests.rig.kubernetes.images import Image

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

WORKER = "functions-worker"


@attrs.frozen
class PodLog:
    """The log of the worker's pod, where a test looks for a server's."""

    cluster: Cluster
    namespace: str

    def end_of_log(self) -> str:
        core = client.CoreV1Api(self.cluster.api())
        try:
            return str(core.read_namespaced_pod_log(f"{WORKER}-0", self.namespace, tail_lines=60))
        except client.ApiException as error:
            return str(error.body)


@attrs.frozen
class WorkerInPod(Worker):
    """Leaves the worker's own objects out of what functions left."""

    def objects(self) -> list[str]:
        return [each for each in super().objects() if WORKER not in each]

    def pods(self) -> list[Any]:
        return [pod for pod in super().pods() if WORKER not in pod.metadata.name]


def manifests(namespace: str, images: dict[str, str], variables: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The kustomization's resources, with its transformations done as `kubectl kustomize` does them."""
    folder = DEPLOY / "kubernetes"
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    for resource in kustomization["resources"]:
        manifest = yaml.safe_load((folder / resource).read_text())
        manifest["metadata"]["namespace"] = namespace
        if manifest["kind"] == "StatefulSet":
            manifest = with_image(manifest, images, variables)
        yield manifest


def with_image(manifest: dict[str, Any], images: dict[str, str], variables: dict[str, str]) -> dict[str, Any]:
    changed = copy.deepcopy(manifest)
    (container,) = changed["spec"]["template"]["spec"]["containers"]
    container["image"] = images[container["image"]]
    kept = [each for each in container["env"] if each["name"] not in variables]
    container["env"] = [*kept, *({"name": name, "value": value} for name, value in variables.items())]
    return changed


@pytest.fixture
def worker(
    cluster: Cluster, cluster_broker: Broker, kubernetes_namespace: str, function_image: Image, worker_image: Image
) -> WorkerInPod:
    factory = "PF_functionRuntimeFactoryConfigs_"
    variables = {
        "PF_pulsarServiceUrl": cluster_broker.service_url,
        "PF_pulsarWebServiceUrl": cluster_broker.web_service_url,
        "PF_pulsarFunctionsCluster": "standalone",
        "PF_pulsarFunctionsNamespace": f"public/{kubernetes_namespace}",
        f"{factory}pulsarDockerImageName": function_image.reference,
    }
    api = dynamic.DynamicClient(cluster.api())
    for manifest in manifests(kubernetes_namespace, {"pulsemill-worker": worker_image.reference}, variables):
        resource = api.resources.get(api_version=manifest["apiVersion"], kind=manifest["kind"])
        api.create(resource, body=manifest, namespace=kubernetes_namespace)
    log = PodLog(cluster, kubernetes_namespace)
    address = until(lambda: ready_address(cluster, kubernetes_namespace), log.end_of_log, WAIT_SECONDS * 2)
    return WorkerInPod(f"http://{address}:6750", log, cluster, kubernetes_namespace)  # type: ignore[arg-type] # only its log is looked at


def ready_address(cluster: Cluster, namespace: str) -> str | None:
    pods = client.CoreV1Api(cluster.api()).list_namespaced_pod(namespace, label_selector=f"app={WORKER}").items
    for pod in pods:
        if any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions or ()):
            return str(pod.status.pod_ip)
    return None


def test_it_runs_functions_and_lacks_no_right(worker: WorkerInPod, topics: Topics, tmp_path: Path) -> None:
    worker.register(exclaiming("inside", parallelism=2), exclaim_package(tmp_path))
    worker.wait_running("inside", 2)
    assert topics.exclaim("inside", "a", "b") == ["a!", "b!"]
    assert "this worker may not" not in worker.server.end_of_log()
    assert "forbidden" not in worker.server.end_of_log()
    worker.delete("inside")
