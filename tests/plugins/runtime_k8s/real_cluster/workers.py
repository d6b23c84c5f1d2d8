"""Our worker on a real Kubernetes and a real broker, and what a test asks of both."""

import json
import os
import sys
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import yaml
from kubernetes import client

from tests.rig.broker import Broker
from tests.rig.java_worker import worker_configuration
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.ports import free_port
from tests.rig.server import Server
from tests.rig.waiting import until


@attrs.frozen
class Worker:
    """A running worker whose functions are pods of `namespace`; asked about those of one tenant and namespace."""

    web_service_url: str
    server: Server
    cluster: Cluster
    namespace: str
    headers: Mapping[str, str] = attrs.field(factory=dict)
    tenant_namespace: str = "public/default"

    def register(self, config: Mapping[str, Any], package: Path) -> None:
        """Register a function; it need not run yet."""
        self._submit("POST", config, package)

    def update(
        self, config: Mapping[str, Any], package: Path | None = None, options: Mapping[str, Any] | None = None
    ) -> None:
        """Update a function."""
        self._submit("PUT", config, package, options)

    def ask(self, method: str, name: str, path: str = "") -> httpx2.Response:
        """Any other request about a function."""
        url = f"{self._url(name)}{path}"
        return httpx2.request(method, url, headers=dict(self.headers), timeout=60, follow_redirects=True)

    def status(self, name: str) -> list[dict[str, Any]]:
        """What each instance says of itself."""
        answer = self.ask("GET", name, "/status").raise_for_status().json()
        return [each["status"] for each in answer["instances"]]

    def wait_running(self, name: str, instances: int) -> list[dict[str, Any]]:
        """Wait until so many instances run, and no others are there."""

        def running() -> list[dict[str, Any]]:
            found = self.status(name)
            return found if len(found) == instances and all(each["running"] for each in found) else []

        return until(running, lambda: self.explain(name))

    def wait_error(self, name: str, text: str) -> dict[str, Any]:
        """Wait until the first instance's status says why it does not run."""
        return until(
            lambda: next((each for each in self.status(name) if text in each["error"]), None),
            lambda: f"no {text!r}\n{self.explain(name)}",
        )

    def delete(self, name: str) -> None:
        """Delete a function and wait until nothing of it is left in Kubernetes."""
        self.ask("DELETE", name).raise_for_status()
        until(lambda: not self.objects(), lambda: f"left: {self.objects()}\n{self.server.end_of_log()}")

    def objects(self) -> list[str]:
        """The StatefulSets, Services, Pods and Secrets in the namespace."""
        api = self.cluster.api()
        core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
        lists = {
            "statefulset": apps.list_namespaced_stateful_set,
            "service": core.list_namespaced_service,
            "pod": core.list_namespaced_pod,
            "secret": core.list_namespaced_secret,
        }
        found = [(kind, each.metadata.name) for kind, ask in lists.items() for each in ask(self.namespace).items]
        return sorted(f"{kind}/{name}" for kind, name in found)

    def stateful_set(self, name: str) -> Any:
        """A StatefulSet."""
        return client.AppsV1Api(self.cluster.api()).read_namespaced_stateful_set(name, self.namespace)

    def pods(self) -> Sequence[Any]:
        """The pods in the namespace."""
        return list(client.CoreV1Api(self.cluster.api()).list_namespaced_pod(self.namespace).items)

    def pod_uids(self) -> dict[str, str]:
        """Which pods they are, by name; those that are being deleted left out."""
        return {pod.metadata.name: pod.metadata.uid for pod in self.pods() if not pod.metadata.deletion_timestamp}

    def wait_made_anew(self, name: str, before: Mapping[str, str], *instances: int) -> None:
        """Wait until the pods of these instances, and of no others, are others than before, and all run."""
        until(lambda: changed(before, self.pod_uids()) == set(instances), lambda: self.explain(name))
        self.wait_running(name, len(before))

    def explain(self, name: str) -> str:
        """What may tell why a function does not run."""
        core = client.CoreV1Api(self.cluster.api())
        words = [self.ask("GET", name, "/status").text]
        for pod in self.pods():
            words.append(f"{pod.metadata.name}: {pod.status}")
            try:
                words.append(core.read_namespaced_pod_log(pod.metadata.name, self.namespace, tail_lines=40) or "no log")
            except client.ApiException as error:
                words.append(str(error.body))
        return "\n".join([*words, f"worker:\n{self.server.end_of_log()}"])

    def _submit(
        self, method: str, config: Mapping[str, Any], package: Path | None, options: Mapping[str, Any] | None = None
    ) -> None:
        parts: dict[str, Any] = {"functionConfig": (None, json.dumps(config), "application/json")}
        if package:
            parts["data"] = (package.name, package.read_bytes())
        if options:
            parts["updateOptions"] = (None, json.dumps(options), "application/json")
        url, headers = self._url(config["name"]), dict(self.headers)

        def answered() -> httpx2.Response | None:
            """None while the workers elect another leader."""
            answer = httpx2.request(method, url, files=parts, headers=headers, timeout=60)
            return None if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE else answer

        answer = until(answered, self.server.end_of_log)
        assert answer.status_code == httpx2.codes.NO_CONTENT, answer.text

    def _url(self, name: str) -> str:
        quoted = urllib.parse.quote(name, safe="")
        return f"{self.web_service_url}/admin/v3/functions/{self.tenant_namespace}/{quoted}"


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> set[int]:
    """The instances whose pods are others than before; none while one is missing."""
    if set(before) != set(now):
        return set()
    return {int(name.rpartition("-")[2]) for name in before if before[name] != now[name]}


@contextmanager
def running_worker(
    folder: Path,
    cluster: Cluster,
    broker: Broker,
    namespace: str,
    image: str,
    factory: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    like: Path | None = None,
    *,
    leads: bool = True,
) -> Iterator[Worker]:
    """`pulsemill worker` on this machine; pods reach its REST API at the cluster's `host`.

    `factory` adds to functionRuntimeFactoryConfigs, `settings` replace other keys. `like` is the folder of an earlier
    worker whose place this one takes. One that `leads` not has a cluster to join.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if like:
        configuration = yaml.safe_load((like / "functions_worker.yml").read_text())
    else:
        configuration = kubernetes_configuration(folder, cluster, broker, namespace, image, free_port())
    configuration["functionRuntimeFactoryConfigs"] |= factory or {}
    conf = folder / "functions_worker.yml"
    conf.write_text(yaml.safe_dump({**configuration, **(settings or {})}))
    command = [sys.executable, "-m", "pulsemill", "worker", "-c", os.fspath(conf)]
    server = Server.start("worker", command, folder, {"KUBECONFIG": str(cluster.kubeconfig)})
    address = f"http://{cluster.host}:{configuration['workerPort']}"
    ready = f"{address}{'/admin/v2/worker/cluster/leader/ready' if leads else '/initialized'}"
    server.wait_for(ready, "true")
    try:
        # A worker that asks who we are may not be ready yet.
        until(lambda: httpx2.get(ready, headers=headers, timeout=30).text == "true", server.end_of_log)
        yield Worker(address, server, cluster, namespace, headers or {})
    finally:
        server.stop()


def kubernetes_configuration(
    folder: Path, cluster: Cluster, broker: Broker, namespace: str, image: str, port: int
) -> dict[str, Any]:
    """The content of a functions_worker.yml for functions in pods of `namespace`."""
    configuration = worker_configuration(folder, broker, "kubernetes", port)
    configuration["functionRuntimeFactoryConfigs"] |= {
        "jobNamespace": namespace,
        "pulsarDockerImageName": image,
        "pulsarAdminUrl": f"http://{cluster.host}:{port}",
    }
    return configuration | {"workerHostname": cluster.host, "pulsemill": {"orphanCheckSeconds": 2}}
