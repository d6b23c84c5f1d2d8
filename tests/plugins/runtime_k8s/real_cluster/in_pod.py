"""A worker in a pod, and what a test asks of it from outside."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import httpx2
from kubernetes import client, dynamic

from tests.plugins.runtime_k8s.real_cluster.workers import Worker
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.waiting import LONG_SECONDS, until

PORT = 6750
READY_SECONDS = LONG_SECONDS * 2


@attrs.frozen
class PodLog:
    """The log of a worker's pod, where a test looks for a server's."""

    cluster: Cluster
    namespace: str
    pod: str

    def end_of_log(self) -> str:
        """What its container said last; before it starts, what those before it said."""
        return "\n".join(self._of(container) for container in self._containers())

    def _containers(self) -> list[str]:
        try:
            spec: Any = client.CoreV1Api(self.cluster.api()).read_namespaced_pod(self.pod, self.namespace).spec
        except client.ApiException:
            return []
        return [each.name for each in (*(spec.init_containers or ()), *spec.containers)]

    def _of(self, container: str) -> str:
        core = client.CoreV1Api(self.cluster.api())
        try:
            return str(core.read_namespaced_pod_log(self.pod, self.namespace, container=container, tail_lines=500))
        except client.ApiException as error:
            return str(error.body)


@attrs.frozen
class WorkerInPod(Worker):
    """Leaves the worker's own objects, whose names begin so, out of what functions left."""

    own: str = attrs.field(kw_only=True)

    def objects(self) -> list[str]:
        return [each for each in super().objects() if not each.partition("/")[2].startswith(self.own)]

    def pods(self) -> list[Any]:
        return [pod for pod in super().pods() if not pod.metadata.name.startswith(self.own)]


def create(cluster: Cluster, namespace: str, manifests: Iterable[Mapping[str, Any]]) -> None:
    """As `kubectl create --namespace`."""
    api = dynamic.DynamicClient(cluster.api())
    for manifest in manifests:
        resource = api.resources.get(api_version=manifest["apiVersion"], kind=manifest["kind"])
        api.create(resource, body=dict(manifest), namespace=namespace)


def ready_worker(
    cluster: Cluster, namespace: str, stateful_set: str, own: str, headers: Mapping[str, str] | None = None
) -> WorkerInPod:
    """The worker of a StatefulSet, once its pod is ready and it leads."""
    log = PodLog(cluster, namespace, f"{stateful_set}-0")
    url = f"http://{until(lambda: ready_address(log), log.end_of_log, READY_SECONDS)}:{PORT}"
    leads = f"{url}/admin/v2/worker/cluster/leader/ready"
    until(lambda: httpx2.get(leads, headers=headers, timeout=30).text == "true", log.end_of_log, READY_SECONDS)
    server: Any = log  # only its log is looked at
    return WorkerInPod(url, server, cluster, namespace, headers or {}, own=own)


def ready_address(log: PodLog) -> str | None:
    """The address of a pod that is ready."""
    try:
        pod: Any = client.CoreV1Api(log.cluster.api()).read_namespaced_pod(log.pod, log.namespace)
    except client.ApiException:
        return None
    ready = any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions or ())
    return str(pod.status.pod_ip) if ready else None
