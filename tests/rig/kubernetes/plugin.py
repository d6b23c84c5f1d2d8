"""The fixtures of Kubernetes; tests that use them carry the marker `kubernetes`, and `pulsar` if they use its servers.

All tests with the marker `kubernetes` go into one group of pytest-xdist, so that one process starts one cluster, and
one broker at an address that pods reach. Without what a cluster needs, they are skipped; CI fails instead.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.rig.broker import Broker, running_broker, tls_settings
from tests.rig.certificates import Authority
from tests.rig.errors import MissingPrerequisiteError
from tests.rig.java_worker import JavaWorker, kubernetes_runtime, running_java_worker
from tests.rig.kubernetes.cluster import Cluster, running_cluster
from tests.rig.kubernetes.containerfile import FUNCTION, WORKER, built_image
from tests.rig.kubernetes.existing import existing_cluster, existing_is_wanted
from tests.rig.kubernetes.images import Image
from tests.rig.kubernetes.official import official_image as built_official_image

GROUP = "kubernetes"
BROKER_HOST = "pulsar-broker"
# Waiting for a place, building and starting the cluster count as part of the first test that asks for it.
TEST_SECONDS = 900


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("kubernetes"):
            item.add_marker(pytest.mark.xdist_group(GROUP))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster: `.kubeconfig`, `.host`, `.api()`, `with .namespace() as name`, `.load_image(image)`.

    It is everybody's: make namespaces of your own, and delete what has none.
    """
    with ExitStack() as stack:
        try:
            yield stack.enter_context(_cluster(tmp_path_factory.mktemp("kubernetes")))
        except MissingPrerequisiteError as missing:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(str(missing))


def _cluster(logs: Path) -> AbstractContextManager[Cluster]:
    return nullcontext(existing_cluster()) if existing_is_wanted() else running_cluster(logs)


@pytest.fixture
def kubernetes_namespace(cluster: Cluster) -> Iterator[str]:
    """A fresh namespace for one test."""
    with cluster.namespace() as name:
        yield name


@pytest.fixture(scope="session")
def cluster_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signed the certificate of `cluster_broker`."""
    return Authority.make(tmp_path_factory.mktemp("cluster-authority"))


@pytest.fixture(scope="session")
def cluster_broker(
    cluster: Cluster, cluster_authority: Authority, pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """As `broker`, at an address that pods and this machine reach: `.service_url`, `.web_service_url`, ...

    With TLS: `.service_url_tls`, `.web_service_url_tls`, for which its certificate names the address, and BROKER_HOST.
    """
    settings = tls_settings(cluster_authority, cluster.host, [BROKER_HOST])
    with running_broker(tmp_path_factory.mktemp("cluster-broker"), settings, cluster.host) as broker:
        yield broker


JavaKubernetesWorker = Callable[..., AbstractContextManager[JavaWorker]]


@pytest.fixture(scope="session")
def java_kubernetes_worker(
    cluster: Cluster, cluster_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> JavaKubernetesWorker:
    """`with java_kubernetes_worker({"jobNamespace": name}) as worker`: upstream's worker, whose functions are pods.

    The mapping is added to functionRuntimeFactoryConfigs; `settings=` replace other keys of functions_worker.yml.
    """

    def start(
        factory: Mapping[str, Any], settings: Mapping[str, Any] | None = None
    ) -> AbstractContextManager[JavaWorker]:
        configs = "functionRuntimeFactoryConfigs"
        changed = {configs: {**kubernetes_runtime(cluster_broker)[configs], **factory}, **(settings or {})}
        folder = tmp_path_factory.mktemp("java-kubernetes-worker")
        environ = {"KUBECONFIG": str(cluster.kubeconfig)}
        return running_java_worker(folder, cluster_broker, "kubernetes", changed, environ)

    return start


@pytest.fixture(scope="session")
def function_image(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image of function pods that `deploy/function` describes, loaded: `.reference` is its name."""
    return _loaded(cluster, FUNCTION, tmp_path_factory.mktemp("function-image"))


@pytest.fixture(scope="session")
def worker_image(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image of a worker that `deploy/worker` describes, loaded."""
    return _loaded(cluster, WORKER, tmp_path_factory.mktemp("worker-image"))


@pytest.fixture(scope="session")
def official_image(cluster: Cluster, pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """An image that is laid out as the official one, loaded; upstream's own instances run in it."""
    image = built_official_image("docker.io/rig/official:1", tmp_path_factory.mktemp("official-image"))
    cluster.load_image(image)
    return image


def _loaded(cluster: Cluster, containerfile: Path, work: Path) -> Image:
    image = built_image(containerfile, f"docker.io/rig/pulsemill-{containerfile.parent.name}:1", work)
    cluster.load_image(image)
    return image
