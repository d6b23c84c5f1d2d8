"""What one worker does with its Kubernetes as a whole: settings that change, and what belongs to nobody."""

import asyncio
import copy
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import pytest

from pulsemill.customizer import ManifestCustomizer
from pulsemill.errors import AdmissionError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData
from pulsemill_runtime_k8s.cluster import Cluster
from pulsemill_runtime_k8s.config import OwnOptions
from pulsemill_runtime_k8s.settings import Settings

CHANGES = "/api/v1/namespaces/config/configmaps/changes"
SETS, SERVICES = "/apis/apps/v1/namespaces/{}/statefulsets", "/api/v1/namespaces/{}/services"
UNASKED = OwnOptions(rbac_check=False)
COLLECTIONS = {SETS: {"replicas": 1}, SERVICES: {"clusterIP": "None"}}


class ByOptions(ManifestCustomizer):
    """customRuntimeOptions is the namespace, the configuration is it for who gives none."""

    def customize_namespace(self, details: FunctionDetails, namespace: str) -> str:
        if details.customRuntimeOptions == "unreadable":
            raise AdmissionError("not this customizer's")
        return details.customRuntimeOptions or self.config or namespace


def function(name: str = "f", options: str = "") -> FunctionMetaData:
    details = FunctionDetails(
        tenant="t",
        namespace="n",
        name=name,
        componentType=FunctionDetails.FUNCTION,
        customRuntimeOptions=options,
    )
    return FunctionMetaData(functionDetails=details)


@attrs.define
class Kubernetes:
    """What the fake API server holds."""

    api: Any
    settle: Any

    async def add(self, namespace: str, name: str = "pf-t-n-f", function_name: str = "f") -> None:
        labels = {"component": "function", "tenant": "t", "namespace": "n", "name": function_name}
        metadata: dict[str, Any] = {"name": name, "namespace": namespace, "labels": labels}
        metadata["managedFields"] = [{"manager": self.api.manager}]
        for collection, spec in COLLECTIONS.items():
            made = {"metadata": metadata, "spec": spec}
            self.api.objects[f"{collection.format(namespace)}/{name}"] = copy.deepcopy(made)
            self.api.send(collection.format(namespace), "ADDED", made)
        await self.settle()

    @property
    def places(self) -> set[str]:
        """Where there is any object of a function."""
        ours = [each["metadata"] for each in self.api.objects.values() if "managedFields" in each["metadata"]]
        return {f"{each['namespace']}/{each['name']}" for each in ours}


@pytest.fixture
def kubernetes(api: Any, settle: Any) -> Kubernetes:
    return Kubernetes(api, settle)


@pytest.fixture
async def new_cluster(
    api: Any, new_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Cluster]]:
    made: list[Cluster] = []

    async def nothing() -> None:
        """The fake has no connections."""

    monkeypatch.setattr(api, "close", nothing)

    def new(base_namespace: str = "", *, own: OwnOptions = UNASKED, **keys: Any) -> Cluster:
        settings = attrs.evolve(new_settings(jobNamespace="jobs", **keys), own=own)
        made.append(Cluster(api, settings, ByOptions(base_namespace)))
        return made[-1]

    yield new
    for each in made:
        await each.close()


@pytest.fixture
async def cluster(new_cluster: Callable[..., Cluster]) -> Cluster:
    started = new_cluster()
    await started.start()
    return started


@pytest.fixture
def changing(new_cluster: Callable[..., Cluster]) -> Cluster:
    """One with a ConfigMap, not yet started."""
    return new_cluster(changeConfigMap="changes", changeConfigMapNamespace="config")


async def test_what_the_config_map_changed_counts_from_the_workers_start(changing: Cluster, api: Any) -> None:
    """Otherwise every function would get the file's values back when its worker starts again."""
    api.objects[CHANGES] = {"metadata": {}, "data": {"pulsarDockerImageName": "mine:2", "jobNamespace": "later"}}
    await changing.start()
    assert (changing.settings.pulsar_docker_image_name, changing.settings.job_namespace) == ("mine:2", "later")


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_config_map_that_cannot_be_read_keeps_no_worker_from_starting(
    changing: Cluster, api: Any, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    api.refuse("GET", CHANGES, status)
    with caplog.at_level(logging.ERROR):
        await changing.start()
    assert "Error while trying to fetch configmap changes at namespace config" in caplog.text
    assert changing.settings.job_namespace == "jobs"


async def test_objects_of_a_deleted_function_go(cluster: Cluster, kubernetes: Kubernetes) -> None:
    await kubernetes.add("jobs")
    await kubernetes.add("jobs", "pf-t-n-g", "g")
    await cluster.delete_orphans(lambda: [function("g")])
    assert kubernetes.places == {"jobs/pf-t-n-g"}


async def test_a_deletion_tells_the_namespace_to_look_at(cluster: Cluster, kubernetes: Kubernetes) -> None:
    """The owner died in the midst of it, and this worker never had a function there."""
    await kubernetes.add("elsewhere")
    await cluster.delete_orphans(list)
    assert kubernetes.places == {"elsewhere/pf-t-n-f"}, "nobody told of that namespace"
    await cluster.delete_orphans(list, [function(options="elsewhere")])
    assert kubernetes.places == set()


async def test_the_namespaces_of_all_functions_are_looked_at(cluster: Cluster, kubernetes: Kubernetes) -> None:
    await kubernetes.add("elsewhere", "pf-t-n-g", "g")
    await kubernetes.add("elsewhere")
    await cluster.delete_orphans(lambda: [function(options="elsewhere")])
    assert kubernetes.places == {"elsewhere/pf-t-n-f"}


async def test_the_namespace_of_the_file_is_looked_at_after_the_config_map_named_another(
    changing: Cluster, kubernetes: Kubernetes
) -> None:
    kubernetes.api.objects[CHANGES] = {"metadata": {}, "data": {"jobNamespace": "later"}}
    await kubernetes.add("jobs")
    await changing.start()
    await changing.delete_orphans(list)
    assert kubernetes.places == set()


async def test_a_function_that_did_not_move_yet_is_left_alone(changing: Cluster, kubernetes: Kubernetes) -> None:
    """A ConfigMap's values count from its next start."""
    kubernetes.api.objects[CHANGES] = {"metadata": {}, "data": {"jobNamespace": "later"}}
    await kubernetes.add("jobs")
    await changing.start()
    await changing.delete_orphans(lambda: [function()])
    assert kubernetes.places == {"jobs/pf-t-n-f"}
    await kubernetes.add("later")
    await changing.delete_orphans(lambda: [function()])
    assert kubernetes.places == {"later/pf-t-n-f"}


async def test_a_function_of_another_customizer_is_left_alone(cluster: Cluster, kubernetes: Kubernetes) -> None:
    await kubernetes.add("jobs")
    await kubernetes.add("jobs", "pf-t-n-g", "g")
    await cluster.delete_orphans(lambda: [function(options="unreadable")])
    assert kubernetes.places == {"jobs/pf-t-n-f"}


async def test_a_function_that_is_registered_meanwhile_stays(cluster: Cluster, kubernetes: Kubernetes) -> None:
    for name in "abf":
        await kubernetes.add("jobs", f"pf-t-n-{name}", name)

    def functions() -> list[FunctionMetaData]:
        """As soon as the first orphan is deleted there is the function."""
        return [function()] if any(call.startswith("DELETE") for call in kubernetes.api.calls) else []

    await cluster.delete_orphans(functions)
    assert kubernetes.places == {"jobs/pf-t-n-f"}


async def test_a_function_that_is_registered_while_a_namespace_is_listed_stays(
    cluster: Cluster, kubernetes: Kubernetes
) -> None:
    await kubernetes.add("elsewhere")

    def functions() -> list[FunctionMetaData]:
        """Its objects are seen by a list that began after the first question for functions."""
        listed = f"GET {SETS.format('elsewhere')}" in kubernetes.api.calls
        return [function(options="elsewhere")] if listed else []

    await cluster.delete_orphans(functions, [function("gone", options="elsewhere")])
    assert kubernetes.places == {"elsewhere/pf-t-n-f"}


async def test_wrong_values_are_told_once_and_the_old_ones_stay(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    data = {"imagePullPolicy": "Sometimes", "jobNamespace": "", "grpcPort": "1", "pulsarDockerImageName": "mine:2"}
    with caplog.at_level(logging.WARNING):
        cluster.take_changes(data)
        cluster.take_changes(data)
    settings = cluster.settings
    assert (settings.image_pull_policy, settings.job_namespace, settings.grpc_port) == ("IfNotPresent", "jobs", 9093)
    assert settings.pulsar_docker_image_name == "mine:2"
    assert len(caplog.records) == 3


@pytest.mark.parametrize(("base", "namespaces"), [("", ["jobs"]), ("jobs", ["jobs"]), ("base", ["jobs", "base"])])
async def test_rights_are_asked_for_in_the_customizers_namespace_too(
    new_cluster: Callable[..., Cluster], base: str, namespaces: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The fake API server allows nothing."""
    with caplog.at_level(logging.ERROR):
        await new_cluster(base, own=OwnOptions()).start()
    told = [line for line in caplog.messages if " statefulsets in namespace " in line]
    assert [line.partition(" in namespace ")[2].partition(";")[0] for line in told] == namespaces


@pytest.mark.parametrize(("access", "asked"), [("dns", False), ("port-forward", True)])
async def test_the_right_to_forward_is_asked_for_by_who_forwards(
    new_cluster: Callable[..., Cluster], access: str, asked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        await new_cluster(own=OwnOptions(status_access=access)).start()
    assert ("pods/portforward" in caplog.text) is asked


async def test_rights_that_nobody_wants_to_know_are_not_asked_for(
    new_cluster: Callable[..., Cluster], api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await new_cluster(own=UNASKED).start()
    assert not any(call.startswith("POST") for call in api.calls)
    assert "may not" not in caplog.text


async def test_the_config_map_is_read_as_often_as_told(new_cluster: Callable[..., Cluster], api: Any) -> None:
    api.objects[CHANGES] = {"metadata": {}, "data": {}}
    own = OwnOptions(rbac_check=False, change_config_map_seconds=0.01)
    cluster = new_cluster(own=own, changeConfigMap="changes", changeConfigMapNamespace="config")
    await cluster.start()
    api.objects[CHANGES]["data"] = {"pulsarDockerImageName": "mine:2"}
    async with asyncio.timeout(10):
        while cluster.settings.pulsar_docker_image_name != "mine:2":  # noqa: ASYNC110 a task of its own reads it
            await asyncio.sleep(0.01)
