"""A worker in a pod, deployed by what `deploy/` has, with no more rights than its Role gives it."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from kubernetes import client

from tests.plugins.runtime_k8s.real_cluster.in_pod import WorkerInPod, create, ready_worker
from tests.plugins.runtime_k8s.real_cluster.kustomization import kustomized, with_choices
from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.rig.broker import Broker
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image
from tests.rig.waiting import until

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

WORKER = "functions-worker"
CONFIG_MAP = "functions-worker-changes"
KEY = bytes(range(32))
TELLING = """class Exclaim:
    def process(self, input, context):
        return input + context.get_secret('MARK')
"""


@pytest.fixture(scope="module")
def worker(
    cluster: Cluster, cluster_broker: Broker, function_image: Image, worker_image: Image
) -> Iterator[WorkerInPod]:
    factory = "PF_functionRuntimeFactoryConfigs_"
    with cluster.namespace() as namespace:
        variables = {
            "PF_pulsarServiceUrl": cluster_broker.service_url,
            "PF_pulsarWebServiceUrl": cluster_broker.web_service_url,
            "PF_pulsarFunctionsCluster": "standalone",
            "PF_pulsarFunctionsNamespace": f"public/{namespace}",
            f"{factory}pulsarDockerImageName": function_image.reference,
            f"{factory}changeConfigMap": CONFIG_MAP,
            f"{factory}changeConfigMapNamespace": namespace,
            f"{factory}pulsemill_changeConfigMapSeconds": "1",
        }
        variables |= authentication()
        images = {"pulsemill-worker:latest": worker_image.reference}
        create(cluster, namespace, [with_choices(each, images, variables) for each in kustomized(namespace)])
        yield ready_worker(cluster, namespace, WORKER, WORKER, {"Authorization": f"Bearer {token('first')}"})


def authentication() -> dict[str, str]:
    """The worker asks callers for tokens; the broker takes everybody."""
    client = "PF_brokerClientAuthentication"
    return {
        "PF_authenticationEnabled": "true",
        "PF_authenticationProviders": "org.apache.pulsar.broker.authentication.AuthenticationProviderToken",
        "PF_properties_tokenSecretKey": base64.b64encode(KEY).decode(),
        f"{client}Plugin": "org.apache.pulsar.client.impl.auth.AuthenticationToken",
        f"{client}Parameters": f"token:{token('worker')}",
    }


def token(id_: str) -> str:
    return jwt.encode({"sub": "alice", "jti": id_}, KEY, "HS256")


def test_it_runs_functions_and_lacks_no_right(worker: WorkerInPod, topics: Topics, tmp_path: Path) -> None:
    """What instances counted it asks at their names in the cluster's DNS."""
    worker.register(exclaiming("inside", parallelism=2), exclaim_package(tmp_path))
    worker.wait_running("inside", 2)
    assert topics.exclaim("inside", "a", "b") == ["a!", "b!"]
    assert until(lambda: stats(worker, "inside")["receivedTotal"] == 2, lambda: worker.explain("inside"))
    assert len(stats(worker, "inside")["instances"]) == 2
    worker.delete("inside")
    assert_lacks_nothing(worker)


def test_it_scales_updates_and_restarts(worker: WorkerInPod, topics: Topics, tmp_path: Path) -> None:
    worker.register(exclaiming("busy"), exclaim_package(tmp_path))
    worker.wait_running("busy", 1)
    uid = worker.stateful_set("pf-public-default-busy").metadata.uid
    worker.update(exclaiming("busy", parallelism=2))
    worker.wait_running("busy", 2)
    before = worker.pod_uids()
    worker.update(exclaiming("busy", parallelism=2), exclaim_package(tmp_path / "second", "?"))
    worker.wait_made_anew("busy", before, 0, 1)
    assert topics.exclaim("busy", "a", "b") == ["a?", "b?"]
    before = worker.pod_uids()
    worker.ask("POST", "busy", "/1/restart").raise_for_status()
    worker.wait_made_anew("busy", before, 1)
    live = worker.stateful_set("pf-public-default-busy")
    assert (live.metadata.uid, live.spec.replicas) == (uid, 2), "it was not deleted in between"
    worker.delete("busy")
    assert_lacks_nothing(worker)


def test_a_function_has_its_secret_and_its_customization(worker: WorkerInPod, topics: Topics, tmp_path: Path) -> None:
    core = client.CoreV1Api(worker.cluster.api())
    secret = client.V1Secret(metadata=client.V1ObjectMeta(name="marks"), string_data={"mark": "!-secret-!"})
    core.create_namespaced_secret(worker.namespace, secret)
    package = tmp_path / "exclaim.py"
    package.write_text(TELLING)
    options = '{"extraLabels": {"team": "own"}}'
    secrets = {"MARK": {"path": "marks", "key": "mark"}}
    worker.register(exclaiming("special", secrets=secrets, customRuntimeOptions=options), package)
    worker.wait_running("special", 1)
    assert topics.exclaim("special", "a") == ["a!-secret-!"]
    (pod,) = worker.pods()
    assert pod.metadata.labels["team"] == "own"
    assert "!-secret-!" not in worker.server.end_of_log()
    core.delete_namespaced_secret("marks", worker.namespace)
    worker.delete("special")
    assert_lacks_nothing(worker)


def test_it_takes_changes_from_the_config_map(worker: WorkerInPod, tmp_path: Path) -> None:
    metadata = client.V1ObjectMeta(name=CONFIG_MAP)
    core = client.CoreV1Api(worker.cluster.api())
    core.create_namespaced_config_map(
        worker.namespace, client.V1ConfigMap(metadata=metadata, data={"imagePullPolicy": "Never"})
    )
    told = "imagePullPolicy changed from IfNotPresent to Never"
    until(lambda: told in worker.server.end_of_log(), worker.server.end_of_log)
    worker.register(exclaiming("changed"), exclaim_package(tmp_path))
    worker.wait_running("changed", 1)
    (pod,) = worker.pods()
    assert [each.image_pull_policy for each in pod.spec.containers] == ["Never"]
    worker.delete("changed")
    assert_lacks_nothing(worker)


def test_it_stores_and_renews_its_callers_token(worker: WorkerInPod, topics: Topics, tmp_path: Path) -> None:
    worker.register(exclaiming("entitled"), exclaim_package(tmp_path))
    worker.wait_running("entitled", 1)
    assert stored_tokens(worker) == {token("first")}
    before = worker.pod_uids()
    worker.headers["Authorization"] = f"Bearer {token('second')}"  # type: ignore[index] # a dictionary of ours
    worker.update(exclaiming("entitled"), options={"updateAuthData": True})
    worker.wait_made_anew("entitled", before, 0)
    assert topics.exclaim("entitled", "a") == ["a!"]
    until(lambda: stored_tokens(worker) == {token("second")}, lambda: worker.explain("entitled"))
    worker.delete("entitled")
    assert_lacks_nothing(worker)


def stored_tokens(worker: WorkerInPod) -> set[str]:
    found = client.CoreV1Api(worker.cluster.api()).list_namespaced_secret(worker.namespace).items
    return {base64.b64decode(each.data["token"]).decode() for each in found}


def stats(worker: WorkerInPod, name: str) -> dict[str, Any]:
    found: dict[str, Any] = worker.ask("GET", name, "/stats").raise_for_status().json()
    return found


def assert_lacks_nothing(worker: WorkerInPod) -> None:
    for refusal in ("this worker may not", "forbidden", "answered 403"):
        assert refusal not in worker.server.end_of_log()
