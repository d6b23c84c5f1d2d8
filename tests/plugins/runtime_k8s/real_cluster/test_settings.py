"""Secrets, the customizer and changes of the configuration, seen on the objects and in what functions put out."""

from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker
from tests.rig.kubernetes.api_proxy import api_proxy
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.waiting import until

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

TELLING = """class Tell:
    def process(self, input, context):
        return input + context.get_secret('MARK')
"""
SLOW = """import time

class Exclaim:
    def process(self, input, context):
        context.publish(context.get_output_topic(), f'{input} begins')
        time.sleep(3)
        return f'{input} ends'
"""


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    """A function that tells its secret."""
    package = tmp_path / "exclaim.py"
    package.write_text(TELLING)
    return package


def with_secret(name: str) -> dict[str, Any]:
    secrets = {"MARK": {"path": "marks", "key": "mark"}}
    return exclaiming(name, className="exclaim.Tell", secrets=secrets)


def test_a_secret_reaches_the_function_and_not_the_worker(
    start_worker: Any, cluster: Cluster, topics: Topics, telling: Path
) -> None:
    """The worker asks the API server for no secret, so that none of its answers has a value."""
    access = {"pulsemill": {"statusAccess": "pod-ip"}}  # the proxy forwards no port
    with api_proxy(cluster.kubeconfig) as proxy, start_worker(factory={"k8Uri": proxy.url, **access}) as worker:
        secret = client.V1Secret(metadata=client.V1ObjectMeta(name="marks"), string_data={"mark": "!-secret-!"})
        core = client.CoreV1Api(worker.cluster.api())
        core.create_namespaced_secret(worker.namespace, secret)
        worker.register(with_secret("secretive"), telling)
        worker.wait_running("secretive", 1)
        assert topics.exclaim("secretive", "a") == ["a!-secret-!"]
        assert "!-secret-!" not in worker.server.log.read_text()
        assert "!-secret-!" not in str(worker.stateful_set("pf-public-default-secretive"))
        core.delete_namespaced_secret("marks", worker.namespace)
        worker.delete("secretive")
        asked = {each.partition(" ")[2] for each in proxy.counts}
        assert ("statefulsets" in asked, "pods" in asked, "secrets" in asked) == (True, True, False)


def test_a_secret_that_is_missing_is_the_status(start_worker: Any, telling: Path) -> None:
    with start_worker() as worker:
        worker.register(with_secret("secretless"), telling)
        assert '"marks" not found' in worker.wait_error("secretless", "CreateContainerConfigError")["error"]
        worker.delete("secretless")


def test_a_function_has_what_the_customizer_gives_it(start_worker: Any, tmp_path: Path) -> None:
    base = {"extraLabels": {"team": "base", "bill": "base"}, "extraAnnotations": {"note": "base"}}
    options = '{"extraLabels": {"team": "own"}, "nodeSelectorLabels": {"kubernetes.io/os": "linux"}, "jobName": "mine"}'
    with start_worker(settings={"runtimeCustomizerConfig": base}) as worker:
        worker.register(exclaiming("custom", customRuntimeOptions=options), exclaim_package(tmp_path))
        worker.wait_running("custom", 1)
        (pod,) = worker.pods()
        assert pod.metadata.name.startswith("mine-")
        assert (pod.metadata.labels["team"], pod.metadata.labels["bill"]) == ("own", "base")
        assert pod.metadata.annotations["note"] == "base"
        assert pod.spec.node_selector == {"kubernetes.io/os": "linux"}
        worker.update(exclaiming("custom", customRuntimeOptions="{}"))
        until(lambda: names(worker) == ["pf-public-default-custom-0"], lambda: worker.explain("custom"))
        worker.delete("custom")


def test_a_changed_config_map_counts_from_the_next_start(start_worker: Any, tmp_path: Path) -> None:
    changed = {"changeConfigMap": "changes", "pulsemill": {"changeConfigMapSeconds": 1}}
    with start_worker() as first:
        namespace = first.namespace
        changed["changeConfigMapNamespace"] = namespace
    with start_worker("second", factory=changed) as worker:
        worker.register(exclaiming("changing"), exclaim_package(tmp_path))
        worker.wait_running("changing", 1)
        core = client.CoreV1Api(worker.cluster.api())
        data = {"jobName": "moved", "grpcPort": "1"}
        core.create_namespaced_config_map(
            namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="changes"), data=data)
        )
        until(lambda: "jobName changed from  to moved" in worker.server.log.read_text(), worker.server.end_of_log)
        assert "grpcPort has no effect" in worker.server.log.read_text()
        assert names(worker) == ["pf-public-default-changing-0"], "a function that runs is left alone"
        worker.ask("POST", "changing", "/stop").raise_for_status()
        until(lambda: not worker.pods(), lambda: str(worker.objects()))
        worker.ask("POST", "changing", "/start").raise_for_status()
        worker.wait_running("changing", 1)
        assert [name.partition("-")[0] for name in names(worker)] == ["moved"]
        worker.delete("changing")


def test_what_the_config_map_changed_outlives_the_worker(
    start_worker: Any, kubernetes_namespace: str, cluster: Cluster, tmp_path: Path
) -> None:
    """Nothing is changed back to the file's values, not even for a while."""
    place = {"changeConfigMap": "changes", "changeConfigMapNamespace": kubernetes_namespace}
    metadata = client.V1ObjectMeta(name="changes")
    changed = client.V1ConfigMap(metadata=metadata, data={"imagePullPolicy": "Never"})
    client.CoreV1Api(cluster.api()).create_namespaced_config_map(kubernetes_namespace, changed)
    with start_worker("first", factory=place) as first:
        first.register(exclaiming("lasting"), exclaim_package(tmp_path))
        first.wait_running("lasting", 1)
        before = first.stateful_set("pf-public-default-lasting")
        assert before.spec.template.spec.containers[0].image_pull_policy == "Never"
    with start_worker("second", like=tmp_path / "first") as second:
        until(lambda: "lasting runs as StatefulSet" in second.server.log.read_text(), second.server.end_of_log)
        second.wait_running("lasting", 1)
        after = second.stateful_set("pf-public-default-lasting")
        assert (after.metadata.uid, after.metadata.generation) == (before.metadata.uid, before.metadata.generation)
        second.delete("lasting")


def test_pods_can_be_restricted_and_probed(start_worker: Any, topics: Topics, tmp_path: Path) -> None:
    own = {"restricted": True, "probes": {"periodSeconds": 2}, "terminationGracePeriodSeconds": 5}
    with start_worker(factory={"pulsemill": own}) as worker:
        enforce = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
        client.CoreV1Api(worker.cluster.api()).patch_namespace(worker.namespace, enforce)
        worker.register(exclaiming("restricted"), exclaim_package(tmp_path))
        worker.wait_running("restricted", 1)
        assert topics.exclaim("restricted", "a") == ["a!"]
        worker.delete("restricted")


def test_an_instance_finishes_its_message_before_its_pod_ends(
    start_worker: Any, topics: Topics, tmp_path: Path
) -> None:
    """What came again would begin again, before the next message begins."""
    package = tmp_path / "exclaim.py"
    package.write_text(SLOW)
    with start_worker(factory={"pulsemill": {"terminationGracePeriodSeconds": 30}}) as worker:
        worker.register(exclaiming("graceful"), package)
        worker.wait_running("graceful", 1)
        (pod,) = worker.pods()
        with topics.read("graceful") as read:
            topics.send("graceful", "a")
            assert read() == "a begins"
            client.CoreV1Api(worker.cluster.api()).delete_namespaced_pod(pod.metadata.name, worker.namespace)
            assert read() == "a ends"
            until(lambda: pod.metadata.uid not in uids(worker), lambda: worker.explain("graceful"))
            topics.send("graceful", "b")
            assert [read(), read()] == ["b begins", "b ends"]
        worker.delete("graceful")


def uids(worker: Worker) -> list[str]:
    return [pod.metadata.uid for pod in worker.pods()]


def names(worker: Worker) -> list[str]:
    return [pod.metadata.name for pod in worker.pods() if not pod.metadata.deletion_timestamp]
