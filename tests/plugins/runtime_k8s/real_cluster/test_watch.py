"""A watch on the real API server that breaks, is refused or falls silent: the copy finds what it missed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
from kubernetes import client

from pulsemill.backoff import Backoff
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.connecting import connect
from pulsemill_runtime_k8s.objects import collection
from pulsemill_runtime_k8s.reflector import Reflector
from tests.rig.kubernetes.api_proxy import ApiProxy, api_proxy
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.faults import Act, Fault, hang_up, refuse
from tests.rig.waiting import soon

pytestmark = [pytest.mark.kubernetes]

SILENCE_SECONDS: Final = 2.0
WAIT_SECONDS: Final = 60.0
ACTS: Final = {
    "403": refuse(403),
    "410": refuse(410),
    "429": refuse(429, Retry_After="1"),
    "500": refuse(500),
    "reset": hang_up,
}


@pytest.fixture(scope="module")
def proxy(cluster: Cluster) -> Iterator[ApiProxy]:
    with api_proxy(cluster.kubeconfig) as started:
        yield started


@pytest.fixture
async def services(proxy: ApiProxy, kubernetes_namespace: str) -> AsyncIterator[Reflector]:
    """Those of the namespace."""
    api = KubernetesApi(await connect(proxy.url, submitting_inside_pod=False), "pulsemill:test")
    backoff = Backoff(first=0.5, longest=1.0, healthy_after=60.0)
    path = collection("Service", kubernetes_namespace)
    reflector = Reflector(api, path, {}, lambda _: None, silence_seconds=SILENCE_SECONDS, backoff=backoff)
    reflector.start()
    yield reflector
    await reflector.stop()
    await api.close()


async def add_service(cluster: Cluster, namespace: str, name: str) -> None:
    spec = client.V1ServiceSpec(cluster_ip="None")
    service = client.V1Service(metadata=client.V1ObjectMeta(name=name), spec=spec)
    await asyncio.to_thread(client.CoreV1Api(cluster.api()).create_namespaced_service, namespace, service)


async def seen(reflector: Reflector, names: set[str]) -> None:
    await soon(lambda: reflector.objects.keys() == names, WAIT_SECONDS)


async def test_a_frozen_one(services: Reflector, proxy: ApiProxy, cluster: Cluster, kubernetes_namespace: str) -> None:
    await add_service(cluster, kubernetes_namespace, "before")
    await seen(services, {"before"})
    proxy.frozen = True
    try:
        await add_service(cluster, kubernetes_namespace, "within")
        await soon(lambda: services.problem is not None, WAIT_SECONDS)
    finally:
        proxy.frozen = False
    await seen(services, {"before", "within"})


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_one_that_cannot_be_had(
    services: Reflector, proxy: ApiProxy, cluster: Cluster, kubernetes_namespace: str, act: Act
) -> None:
    fault = Fault(act, ("GET",), "watch=true")
    with proxy.faulty(fault):
        await add_service(cluster, kubernetes_namespace, "unwatched")
        await seen(services, {"unwatched"})
        await soon(lambda: fault.hits > 1, WAIT_SECONDS)
    await add_service(cluster, kubernetes_namespace, "watched")
    await seen(services, {"unwatched", "watched"})


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_one_that_is_cut_while_nothing_can_be_listed(
    services: Reflector, proxy: ApiProxy, cluster: Cluster, kubernetes_namespace: str, act: Act
) -> None:
    await soon(lambda: services.problem is None, WAIT_SECONDS)
    fault = Fault(act, ("GET",))
    with proxy.faulty(fault):
        proxy.cut()
        await soon(lambda: fault.hits > 1, WAIT_SECONDS)
        assert services.problem
        await add_service(cluster, kubernetes_namespace, "within")
    await seen(services, {"within"})
    assert services.problem is None
