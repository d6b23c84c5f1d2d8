"""What is measured of a worker whose functions are StatefulSets. No pod runs: each asks for more than any node has."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import httpx2

from tests.plugins.runtime_k8s.real_cluster.topics import exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import running_worker
from tests.rig.broker import Broker
from tests.rig.java_worker import kubernetes_runtime, running_java_worker
from tests.rig.kubernetes.api_proxy import ApiAccess, ApiProxy
from tests.rig.kubernetes.cluster import Cluster

OURS: Final = "ours"
UPSTREAM: Final = "upstream"
SINGLES: Final = 5
WAIT_SECONDS: Final = 900.0
POLL_SECONDS: Final = 0.05
NO_SUCH_NODE: Final = {"cpu": 4000, "ram": 128 * 1024**2, "disk": 1024**3}
IMAGE: Final = "docker.io/rig/never-pulled:1"
CONFIGS: Final = "functionRuntimeFactoryConfigs"
FUNCTIONS_URL: Final = "/admin/v3/functions/public/default"


@attrs.frozen
class Stage:
    """Where workers are measured."""

    cluster: Cluster
    broker: Broker
    proxy: ApiProxy
    package: Path


@attrs.frozen
class Life:
    """A running worker with a namespace of Kubernetes of its own. `api` asks the API server past the proxy."""

    worker: httpx2.Client
    api: httpx2.Client
    namespace: str
    proxy: ApiProxy
    package: Path

    def figures(self, count: int) -> Iterator[tuple[str, float]]:
        """The figures' names, with units, and values, as they come."""
        for number in range(SINGLES):
            yield "POST to pod, s", self._post_to_pod(f"{self.namespace}-single-{number}")
        self._delete([f"{self.namespace}-single-{number}" for number in range(SINGLES)])
        names = [f"{self.namespace}-{number}" for number in range(count)]
        for what, work in (("created", self._create), ("deleted", self._delete)):
            before, began = Counter(self.proxy.counts), time.monotonic()
            work(names)
            yield f"{count} functions {what}, s", time.monotonic() - began
            asked = Counter(self.proxy.counts) - before
            yield f"API calls per function {what}", asked.total() / count

    def _post_to_pod(self, name: str) -> float:
        began = time.monotonic()
        self._register(name)
        self._wait(lambda: self._exists(f"/api/v1/namespaces/{self.namespace}/pods/pf-public-default-{name}-0"))
        return time.monotonic() - began

    def _create(self, names: list[str]) -> None:
        """From the first POST until the last StatefulSet is there; one request after the other."""
        for name in names:
            self._register(name)
        self._wait(lambda: self._stateful_sets() == len(names))

    def _delete(self, names: list[str]) -> None:
        """From the first DELETE until the last StatefulSet is gone."""
        for name in names:
            self.worker.delete(f"{FUNCTIONS_URL}/{name}").raise_for_status()
        self._wait(lambda: self._stateful_sets() == 0)

    def _register(self, name: str) -> None:
        config = json.dumps(exclaiming(name, resources=NO_SUCH_NODE))
        parts: dict[str, Any] = {
            "functionConfig": (None, config, "application/json"),
            "data": (self.package.name, self.package.read_bytes()),
        }
        answer = self.worker.post(f"{FUNCTIONS_URL}/{name}", files=parts)
        assert answer.is_success, answer.text

    def _stateful_sets(self) -> int:
        answer = self.api.get(f"/apis/apps/v1/namespaces/{self.namespace}/statefulsets", headers=_ONLY_METADATA)
        return len(answer.raise_for_status().json()["items"] or ())

    def _exists(self, path: str) -> bool:
        return bool(self.api.get(path).is_success)

    def _wait(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not done after {WAIT_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)


_ONLY_METADATA: Final = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}


@contextmanager
def life(contender: str, stage: Stage, folder: Path) -> Iterator[Life]:
    """A worker, `OURS` or `UPSTREAM`, in a fresh functions namespace; it ends with the block."""
    with stage.cluster.namespace("bench") as namespace, _worker(contender, stage, folder, namespace) as url:
        access = ApiAccess.of(stage.cluster.kubeconfig)
        with (
            httpx2.Client(base_url=url, trust_env=False, timeout=120) as worker,
            httpx2.Client(base_url=access.url, verify=access.identity, trust_env=False, timeout=60) as api,
        ):
            yield Life(worker, api, namespace, stage.proxy, stage.package)


@contextmanager
def _worker(contender: str, stage: Stage, folder: Path, namespace: str) -> Iterator[str]:
    factory = {"k8Uri": stage.proxy.url, "jobNamespace": namespace, "pulsarDockerImageName": IMAGE}
    if contender == OURS:
        settings = {"pulsemill": {}}  # as installed: the tests look for orphans more often
        with running_worker(
            folder, stage.cluster, stage.broker, namespace, IMAGE, factory=factory, settings=settings
        ) as ours:
            yield ours.web_service_url
        return
    changed = {CONFIGS: {**kubernetes_runtime(stage.broker)[CONFIGS], **factory}}
    with running_java_worker(folder, stage.broker, "kubernetes", changed) as upstream:
        yield upstream.web_service_url
