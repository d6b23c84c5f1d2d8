"""A faulty API server before the real one: each change is told about while it fails, and made when it can be.

The functions' pods ask for more than any node has, so that only what the worker does takes time.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker, running_worker
from tests.rig.broker import Broker
from tests.rig.kubernetes.api_proxy import ApiProxy, api_proxy
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.faults import Act, Fault, answer_after, hang_up, hang_up_and_do, refuse
from tests.rig.kubernetes.images import Image
from tests.rig.waiting import until

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

UNSCHEDULABLE: Final = {"cpu": 4000, "ram": 128 * 1024**2, "disk": 1024**3}
TOO_SLOW_SECONDS: Final = 12.0
FAULTS: Final[Mapping[str, tuple[Act, str]]] = {
    "403": (refuse(403), "answered 403"),
    "409": (refuse(409), "answered 409"),
    "422": (refuse(422), "answered 422"),
    "429": (refuse(429, Retry_After="2"), "answered 429"),
    "500": (refuse(500), "answered 500"),
    "slow": (answer_after(TOO_SLOW_SECONDS), "no answer in time"),
    "reset": (hang_up, "cannot be reached"),
    "lost": (hang_up_and_do, "cannot be reached"),
}
"""What each function meets, by its name, and what its status has to say of it."""


@pytest.fixture(scope="module")
def proxy(cluster: Cluster) -> Iterator[ApiProxy]:
    with api_proxy(cluster.kubeconfig) as started:
        yield started


@pytest.fixture(scope="module")
def worker(
    proxy: ApiProxy,
    cluster: Cluster,
    cluster_broker: Broker,
    function_image: Image,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    folder, image = tmp_path_factory.mktemp("faulty"), function_image.reference
    factory = behind(proxy)
    with (
        cluster.namespace() as namespace,
        running_worker(folder, cluster, cluster_broker, namespace, image, factory=factory, settings=PATIENCE) as worker,
    ):
        yield worker


PATIENCE: Final = {"pulsemill": {"orphanCheckSeconds": 2, "restartBackoffMaxSeconds": 2}}


def behind(proxy: ApiProxy) -> dict[str, Any]:
    """What leads a worker to the proxy, which forwards no port."""
    return {"k8Uri": proxy.url, "pulsemill": {"statusAccess": "pod-ip"}}


def faults(*methods: str) -> list[Fault]:
    """To each function its own."""
    return [Fault(act, methods, f"default-{name}") for name, (act, _) in FAULTS.items()]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return exclaim_package(tmp_path)


@pytest.fixture
def functions(worker: Worker, package: Path) -> list[str]:
    """The names of registered functions, whose objects exist."""
    for name in FAULTS:
        worker.register(exclaiming(name, resources=UNSCHEDULABLE), package)
    for name in FAULTS:
        worker.wait_error(name, "Unschedulable")
    return list(FAULTS)


def delete(worker: Worker, names: list[str]) -> None:
    for name in names:
        worker.ask("DELETE", name).raise_for_status()
    until(lambda: not worker.objects(), lambda: f"left: {worker.objects()}\n{worker.server.end_of_log()}")


def test_a_creation_that_fails_is_told_and_made_up_for(worker: Worker, proxy: ApiProxy, package: Path) -> None:
    with proxy.faulty(*faults("PATCH")):
        for name in FAULTS:
            worker.register(exclaiming(name, resources=UNSCHEDULABLE), package)
        for name, (_, words) in FAULTS.items():
            worker.wait_error(name, words)
    for name in FAULTS:
        worker.wait_error(name, "Unschedulable")
    delete(worker, list(FAULTS))


def test_an_update_that_fails_is_told_and_made_up_for(worker: Worker, proxy: ApiProxy, functions: list[str]) -> None:
    with proxy.faulty(*faults("PATCH")):
        for name in functions:
            worker.update(exclaiming(name, resources=UNSCHEDULABLE, parallelism=2, userConfig={"is": "new"}))
        for name in functions:
            worker.wait_error(name, FAULTS[name][1])
    for name in functions:
        worker.wait_error(name, "Unschedulable")
        spec = worker.stateful_set(f"pf-public-default-{name}").spec
        assert (spec.replicas, '"is":"new"' in str(spec.template).replace("\\", "")) == (2, True)
    delete(worker, functions)


def test_a_deletion_that_fails_is_made_up_for(worker: Worker, proxy: ApiProxy, functions: list[str]) -> None:
    met = faults("DELETE")
    with proxy.faulty(*met):
        for name in functions:
            worker.ask("DELETE", name).raise_for_status()
        until(lambda: all(fault.hits for fault in met), lambda: str([(fault.text, fault.hits) for fault in met]))
    until(lambda: not worker.objects(), lambda: f"left: {worker.objects()}\n{worker.server.end_of_log()}")


@pytest.mark.parametrize("watched", [True, False], ids=["watched", "unwatched"])
def test_a_deletion_whose_end_cannot_be_seen_is_made_up_for(
    worker: Worker, proxy: ApiProxy, functions: list[str], watched: bool
) -> None:
    """With its watches, the worker asks for the end of each object; without, also whose they are."""
    met, lists = faults("GET"), [] if watched else blindness()
    with proxy.faulty(*met, *lists):
        if not watched:
            proxy.cut()
            until(lambda: all(fault.hits > 1 for fault in lists), lambda: str([fault.hits for fault in lists]))
        for name in functions:
            worker.ask("DELETE", name).raise_for_status()
        until(lambda: all(fault.hits for fault in met), lambda: str([(fault.text, fault.hits) for fault in met]))
    until(lambda: not worker.objects(), lambda: f"left: {worker.objects()}\n{worker.server.end_of_log()}")


def blindness() -> list[Fault]:
    """Nothing is listed or watched, for another reason each."""
    acts = {"statefulsets": refuse(403), "services": refuse(500), "pods": hang_up, "events": refuse(429)}
    return [Fault(act, ("GET",), f"/{kind}?") for kind, act in acts.items()]


def test_what_runs_goes_on_while_the_api_server_is_away(
    worker: Worker, proxy: ApiProxy, topics: Topics, package: Path
) -> None:
    worker.register(exclaiming("bystander"), package)
    worker.wait_running("bystander", 1)
    with proxy.faulty(Fault(hang_up)):
        assert topics.exclaim("bystander", "a") == ["a!"]
        assert [each["running"] for each in worker.status("bystander")] == [True]
        worker.ask("DELETE", "bystander").raise_for_status()
    until(lambda: not worker.objects(), lambda: f"left: {worker.objects()}\n{worker.server.end_of_log()}")


def test_a_worker_starts_without_an_api_server(start_worker: Any, proxy: ApiProxy, package: Path) -> None:
    with proxy.faulty(Fault(hang_up)), start_worker(factory=behind(proxy), settings=PATIENCE) as worker:
        worker.register(exclaiming("early", resources=UNSCHEDULABLE), package)
        worker.wait_error("early", "cannot be reached")
        proxy.faults = ()
        worker.wait_error("early", "Unschedulable")
        worker.delete("early")
