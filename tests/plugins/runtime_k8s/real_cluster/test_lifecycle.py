"""A function's life on a real Kubernetes, with the worker outside of it."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest
import yaml
from kubernetes import client

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker, changed
from tests.rig.broker import Broker
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image
from tests.rig.waiting import until

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return exclaim_package(tmp_path)


def test_messages_flow_through_two_pods_and_nothing_is_left(start_worker: Any, topics: Topics, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("flow", parallelism=2), package)
        worker.wait_running("flow", 2)
        assert topics.exclaim("flow", *map(str, range(20))) == sorted(f"{number}!" for number in range(20))
        counted = until(
            lambda: sum(each["numReceived"] for each in worker.status("flow")) == 20, lambda: worker.explain("flow")
        )
        assert counted
        stats = worker.ask("GET", "flow", "/stats").raise_for_status().json()
        assert stats["receivedTotal"] == 20
        worker.delete("flow")


def test_scaling_keeps_the_stateful_set(start_worker: Any, topics: Topics, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("scaled"), package)
        worker.wait_running("scaled", 1)
        uid = worker.stateful_set("pf-public-default-scaled").metadata.uid
        worker.update(exclaiming("scaled", parallelism=2))
        worker.wait_running("scaled", 2)
        live = worker.stateful_set("pf-public-default-scaled")
        assert (live.metadata.uid, live.spec.replicas) == (uid, 2)
        assert topics.exclaim("scaled", "a") == ["a!"]
        worker.update(exclaiming("scaled", parallelism=1))
        until(lambda: len(worker.pod_uids()) == 1, lambda: worker.explain("scaled"))
        worker.delete("scaled")


def test_an_update_rolls_the_new_code_out(start_worker: Any, topics: Topics, package: Path, tmp_path: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("rolled"), package)
        worker.wait_running("rolled", 1)
        assert topics.exclaim("rolled", "a") == ["a!"]
        before, uid = worker.pod_uids(), worker.stateful_set("pf-public-default-rolled").metadata.uid
        worker.update(exclaiming("rolled"), exclaim_package(tmp_path / "second", "?"))
        until(lambda: worker.pod_uids() != before and len(worker.pod_uids()) == 1, lambda: worker.explain("rolled"))
        worker.wait_running("rolled", 1)
        assert topics.exclaim("rolled", "b") == ["b?"]
        assert worker.stateful_set("pf-public-default-rolled").metadata.uid == uid, "it was not deleted in between"
        worker.delete("rolled")


def test_one_instance_restarts_alone(start_worker: Any, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("restarted", parallelism=2), package)
        worker.wait_running("restarted", 2)
        before = worker.pod_uids()
        worker.ask("POST", "restarted", "/1/restart").raise_for_status()
        worker.wait_made_anew("restarted", before, 1)
        assert changed(before, worker.pod_uids()) == {1}
        worker.ask("POST", "restarted", "/restart").raise_for_status()
        worker.wait_made_anew("restarted", before, 0, 1)
        worker.delete("restarted")


def test_stopped_it_has_no_pods_and_started_again_it_goes_on(start_worker: Any, topics: Topics, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("paused"), package)
        worker.wait_running("paused", 1)
        worker.ask("POST", "paused", "/stop").raise_for_status()
        until(lambda: not worker.objects(), lambda: str(worker.objects()))
        worker.ask("POST", "paused", "/start").raise_for_status()
        worker.wait_running("paused", 1)
        assert topics.exclaim("paused", "a") == ["a!"]
        worker.delete("paused")


def test_pods_outlive_their_worker_and_the_next_one_adopts_them(
    start_worker: Any, topics: Topics, package: Path, tmp_path: Path
) -> None:
    with start_worker("first") as worker:
        worker.register(exclaiming("adopted"), package)
        worker.wait_running("adopted", 1)
        before, generation = worker.pod_uids(), worker.stateful_set("pf-public-default-adopted").metadata.generation
        worker.server.kill()
        with start_worker("second", like=tmp_path / "first") as successor:
            successor.wait_running("adopted", 1)
            assert successor.pod_uids() == before
            live = successor.stateful_set("pf-public-default-adopted")
            assert live.metadata.generation == generation
            successor.delete("adopted")


def test_what_is_deleted_or_changed_by_hand_comes_back(start_worker: Any, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("healed"), package)
        worker.wait_running("healed", 1)
        apps, name = client.AppsV1Api(worker.cluster.api()), "pf-public-default-healed"
        uid = worker.stateful_set(name).metadata.uid
        apps.delete_namespaced_stateful_set(name, worker.namespace)
        until(lambda: exists(worker, name) and worker.stateful_set(name).metadata.uid != uid, lambda: name)
        worker.wait_running("healed", 1)
        apps.patch_namespaced_stateful_set(name, worker.namespace, {"spec": {"replicas": 3}})
        until(lambda: worker.stateful_set(name).spec.replicas == 1, lambda: str(worker.stateful_set(name).spec))
        core = client.CoreV1Api(worker.cluster.api())
        core.delete_namespaced_service(name, worker.namespace)
        until(lambda: f"service/{name}" in worker.objects(), lambda: str(worker.objects()))
        worker.delete("healed")


def test_what_is_added_by_hand_goes_but_a_restart_by_hand_counts(start_worker: Any, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("kept"), package)
        worker.wait_running("kept", 1)
        api, name = worker.cluster.api(), "pf-public-default-kept"
        apps, core = client.AppsV1Api(api), client.CoreV1Api(api)
        before = worker.pod_uids()
        annotated = {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}
        apps.patch_namespaced_stateful_set(name, worker.namespace, {"spec": annotated})
        worker.wait_made_anew("kept", before, 0)
        container = {"name": "pulsarfunction", "env": [{"name": "BY_HAND", "value": "1"}]}
        added = {"minReadySeconds": 1, "template": {"spec": {"containers": [container]}}}
        apps.patch_namespaced_stateful_set(name, worker.namespace, {"spec": added})
        ports = core.read_namespaced_service(name, worker.namespace).spec.ports
        more_ports = {"ports": [{"name": "by-hand", "port": 80}]}
        core.patch_namespaced_service(name, worker.namespace, {"spec": more_ports})

        def is_pure() -> bool:
            spec = worker.stateful_set(name).spec
            environment = [each.name for each in spec.template.spec.containers[0].env]
            return (
                "BY_HAND" not in environment
                and not spec.min_ready_seconds
                and core.read_namespaced_service(name, worker.namespace).spec.ports == ports
            )

        until(is_pure, lambda: f"{worker.stateful_set(name)}\n{worker.server.end_of_log()}")
        assert (
            worker.stateful_set(name).spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"] == "now"
        )
        worker.wait_running("kept", 1)
        worker.delete("kept")


def test_a_pod_that_is_deleted_comes_back(start_worker: Any, topics: Topics, package: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("survivor"), package)
        worker.wait_running("survivor", 1)
        assert topics.exclaim("survivor", "a") == ["a!"]
        before = worker.pod_uids()
        core = client.CoreV1Api(worker.cluster.api())
        core.delete_namespaced_pod("pf-public-default-survivor-0", worker.namespace)
        worker.wait_made_anew("survivor", before, 0)
        assert topics.exclaim("survivor", "b") == ["b!"]
        worker.delete("survivor")


def test_an_image_that_comes_later_heals_its_function(
    start_worker: Any, topics: Topics, package: Path, function_image: Image
) -> None:
    late = attrs.evolve(function_image, reference=f"docker.io/rig/late:{uuid.uuid4().hex}")
    with start_worker(factory={"pulsarDockerImageName": late.reference}) as worker:
        worker.register(exclaiming("late"), package)
        worker.wait_error("late", "ErrImage")
        worker.cluster.load_image(late)
        worker.wait_running("late", 1)
        assert topics.exclaim("late", "a") == ["a!"]
        worker.delete("late")


def test_what_others_made_under_a_functions_name_is_left_to_them(
    start_worker: Any, topics: Topics, package: Path
) -> None:
    with start_worker() as worker:
        core, name = client.CoreV1Api(worker.cluster.api()), "pf-public-default-taken"
        spec = {"selector": {"app": "theirs"}, "ports": [{"port": 80}]}
        core.create_namespaced_service(worker.namespace, {"metadata": {"name": name}, "spec": spec})
        worker.register(exclaiming("taken"), package)
        worker.register(exclaiming("taken-too"), package)
        worker.wait_error("taken", "belongs to somebody else")
        worker.wait_running("taken-too", 1)
        assert core.read_namespaced_service(name, worker.namespace).spec.selector == {"app": "theirs"}
        core.delete_namespaced_service(name, worker.namespace)
        worker.wait_running("taken", 1)
        assert topics.exclaim("taken", "a") == ["a!"]
        worker.ask("DELETE", "taken-too").raise_for_status()
        worker.delete("taken")


def test_of_two_functions_with_one_name_in_kubernetes_the_first_runs_on(
    start_worker: Any, topics: Topics, package: Path, cluster_broker: Broker
) -> None:
    httpx2.put(f"{cluster_broker.web_service_url}/admin/v2/namespaces/public/default-twin", json={}, timeout=60)
    with start_worker() as worker:
        worker.register(exclaiming("twin-a"), package)
        worker.wait_running("twin-a", 1)
        uid, before = worker.stateful_set("pf-public-default-twin-a").metadata.uid, worker.pod_uids()
        beside = attrs.evolve(worker, tenant_namespace="public/default-twin")
        beside.register({**exclaiming("second"), "namespace": "default-twin", "name": "a"}, package)
        beside.wait_error("a", "belongs to function public/default/twin-a")
        assert topics.exclaim("twin-a", "a") == ["a!"]
        beside.ask("DELETE", "a").raise_for_status()
        until(lambda: beside.ask("GET", "a").status_code == httpx2.codes.NOT_FOUND, worker.server.end_of_log)
        assert topics.exclaim("twin-a", "b") == ["b!"]
        assert (worker.stateful_set("pf-public-default-twin-a").metadata.uid, worker.pod_uids()) == (uid, before)
        assert "service/pf-public-default-twin-a" in worker.objects()
        worker.delete("twin-a")


def test_a_worker_that_dies_while_it_deletes_leaves_no_orphan(start_worker: Any, package: Path, tmp_path: Path) -> None:
    with start_worker("first") as worker:
        worker.register(exclaiming("orphan"), package)
        worker.wait_running("orphan", 1)
        worker.ask("DELETE", "orphan").raise_for_status()
        worker.server.kill()
        with start_worker("second", like=tmp_path / "first") as successor:
            until(lambda: not successor.objects(), lambda: str(successor.objects()))


def test_an_orphan_in_a_namespace_of_its_own_is_found(
    start_worker: Any, cluster: Cluster, package: Path, tmp_path: Path
) -> None:
    with cluster.namespace() as elsewhere, start_worker("first") as worker:
        options = f'{{"jobNamespace": "{elsewhere}"}}'
        worker.register(exclaiming("remote", customRuntimeOptions=options), package)
        worker.wait_running("remote", 1)
        worker.ask("DELETE", "remote").raise_for_status()
        worker.server.kill()
        with start_worker("second", like=tmp_path / "first") as successor:
            there = attrs.evolve(successor, namespace=elsewhere)
            until(lambda: not there.objects(), lambda: f"{there.objects()}\n{successor.server.end_of_log()}")


@pytest.mark.parametrize(
    ("factory", "options", "trouble"),
    [
        ({"pulsarDockerImageName": "docker.io/rig/no-such-image:1"}, {}, "ErrImage"),
        ({}, {"nodeSelectorLabels": {"there-is": "none"}}, "Unschedulable"),
    ],
    ids=["image", "node"],
)
def test_what_keeps_a_pod_from_running_is_its_status(
    start_worker: Any, package: Path, factory: dict[str, Any], options: dict[str, Any], trouble: str
) -> None:
    with start_worker(factory=factory) as worker:
        worker.register(exclaiming("troubled", customRuntimeOptions=json.dumps(options)), package)
        error = worker.wait_error("troubled", trouble)["error"]
        assert ": " in error
        worker.delete("troubled")


def test_the_manifest_command_compares_with_what_runs(start_worker: Any, package: Path, tmp_path: Path) -> None:
    with start_worker() as worker:
        worker.register(exclaiming("planned"), package)
        worker.wait_running("planned", 1)
        assert difference(worker, exclaiming("planned"), tmp_path) == (0, "")
        code, text = difference(worker, exclaiming("planned", parallelism=2), tmp_path)
        assert (code, "-  replicas: 1\n+  replicas: 2\n" in text) == (1, True), text
        worker.delete("planned")
        code, text = difference(worker, exclaiming("planned"), tmp_path)
        assert (code, "+kind: StatefulSet" in text) == (1, True), text


def difference(worker: Worker, config: dict[str, Any], folder: Path) -> tuple[int, str]:
    """What `pulsemill manifest --diff` says of a function whose package is in the folder, and the worker's too."""
    (folder / "planned.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "pulsemill", "manifest", "--diff", "-f", "planned.yaml"]
    done = subprocess.run(
        [*command, "-c", "worker/functions_worker.yml"],
        cwd=folder,
        env={**os.environ, "KUBECONFIG": str(worker.cluster.kubeconfig)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def exists(worker: Worker, name: str) -> bool:
    return f"statefulset/{name}" in worker.objects()
