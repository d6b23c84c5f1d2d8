"""Functions beside a broker that asks for tokens: each may do what its caller may, and no more."""

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx2
import jwt
import pulsar
import pytest
from kubernetes import client

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker, running_worker
from tests.rig.broker import Broker, running_broker
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image
from tests.rig.waiting import until

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

REFUSED = re.compile("cannot subscribe to input persistent://pulsar/system/in .*AuthorizationError")
SECRET = bytes(range(32))
TOKEN_CLASS = "org.apache.pulsar.client.impl.auth.AuthenticationToken"
CUSTOMIZER_CLASS = "org.apache.pulsar.functions.runtime.kubernetes.BasicKubernetesManifestCustomizer"
PROVIDER_CLASS = "org.apache.pulsar.broker.authentication.AuthenticationProviderToken"


def token(role: str, **claims: Any) -> str:
    return jwt.encode({"sub": role, **claims}, SECRET, "HS256")


@pytest.fixture(scope="module")
def guarded(cluster: Cluster, pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker with token authentication and authorization, on which `alice` may use public/default."""
    settings = {
        "authenticationEnabled": "true",
        "authorizationEnabled": "true",
        "authenticationProviders": PROVIDER_CLASS,
        "tokenSecretKey": f"data:;base64,{base64.b64encode(SECRET).decode()}",
        "superUserRoles": "admin,worker",
        "brokerClientAuthenticationPlugin": TOKEN_CLASS,
        "brokerClientAuthenticationParameters": f"token:{token('admin')}",
    }
    folder = tmp_path_factory.mktemp("guarded")
    with running_broker(folder, settings, address=cluster.host) as broker:
        until(lambda: _allow(broker, "alice", "produce", "consume", "functions"), broker.server.end_of_log)
        yield broker


def _allow(broker: Broker, role: str, *actions: str) -> bool:
    """A broker that asks for authentication counts as started a moment before it has the namespace."""
    permissions = f"{broker.web_service_url}/admin/v2/namespaces/public/default/permissions/{role}"
    headers = {"Authorization": f"Bearer {token('admin')}"}
    return httpx2.post(permissions, json=list(actions), headers=headers, timeout=30).is_success


@pytest.fixture
def worker(
    guarded: Broker, cluster: Cluster, function_image: Image, kubernetes_namespace: str, tmp_path: Path
) -> Iterator[Worker]:
    settings = {
        "authenticationEnabled": True,
        "authorizationEnabled": True,
        "authenticationProviders": [PROVIDER_CLASS],
        "superUserRoles": ["admin", "worker"],
        "properties": {"tokenSecretKey": base64.b64encode(SECRET).decode()},
        "brokerClientAuthenticationPlugin": TOKEN_CLASS,
        "brokerClientAuthenticationParameters": f"token:{token('worker')}",
        "stateStorageServiceUrl": None,
        "runtimeCustomizerClassName": CUSTOMIZER_CLASS,
    }
    alice = {"Authorization": f"Bearer {token('alice', jti='first')}"}
    with running_worker(
        tmp_path / "worker",
        cluster,
        guarded,
        kubernetes_namespace,
        function_image.reference,
        settings=settings,
        headers=alice,
    ) as worker:
        yield worker


@pytest.fixture
def topics(guarded: Broker) -> Iterator[Topics]:
    authentication = pulsar.AuthenticationToken(token("alice"))
    logger = pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
    with contextlib.closing(pulsar.Client(guarded.service_url, authentication, logger=logger)) as client:
        yield Topics(client)


def test_a_function_has_its_callers_rights_until_it_is_deleted(worker: Worker, topics: Topics, tmp_path: Path) -> None:
    worker.register(exclaiming("entitled"), exclaim_package(tmp_path))
    worker.wait_running("entitled", 1)
    assert topics.exclaim("entitled", "a") == ["a!"]
    assert len(_token_secrets(worker)) == 1
    manifest, log = str(worker.stateful_set("pf-public-default-entitled")), worker.server.log.read_text()
    for where in (manifest, log):
        assert token("alice", jti="first") not in where
        assert token("worker") not in where
    worker.delete("entitled")


def test_a_function_may_not_do_what_its_caller_may_not(worker: Worker, tmp_path: Path) -> None:
    """alice has no right to that namespace. The same function runs once it is the worker's own role that asks."""
    config = exclaiming("overreaching", inputs=["persistent://pulsar/system/in"])
    worker.register(config, exclaim_package(tmp_path))
    assert REFUSED.search(worker.wait_error("overreaching", "exit code 1): ")["error"])
    authorize(worker, "worker")
    worker.update(config, options={"updateAuthData": True})
    worker.wait_running("overreaching", 1)
    worker.delete("overreaching")


def test_a_new_token_reaches_running_pods(worker: Worker, topics: Topics, tmp_path: Path) -> None:
    worker.register(exclaiming("renewed"), exclaim_package(tmp_path))
    worker.wait_running("renewed", 1)
    before = {pod.metadata.uid for pod in worker.pods()}
    assert _mounted_token(worker, "pf-public-default-renewed") == token("alice", jti="first")
    authorize(worker, "alice", jti="second")
    worker.update(exclaiming("renewed"), options={"updateAuthData": True})
    until(lambda: worker.pods() and not before & {pod.metadata.uid for pod in worker.pods()}, lambda: "same pods")
    worker.wait_running("renewed", 1)
    assert topics.exclaim("renewed", "a") == ["a!"]
    assert _mounted_token(worker, "pf-public-default-renewed") == token("alice", jti="second")
    until(lambda: len(_token_secrets(worker)) == 1, lambda: f"{worker.objects()}\n{worker.server.end_of_log()}")
    assert _token_secrets(worker) == [f"secret/{_mounted_secret(worker, 'pf-public-default-renewed')}"]
    worker.delete("renewed")


def test_a_function_that_moves_to_another_namespace_takes_a_token_along(
    worker: Worker, topics: Topics, tmp_path: Path
) -> None:
    worker.register(exclaiming("moving"), exclaim_package(tmp_path))
    worker.wait_running("moving", 1)
    authorize(worker, "alice", jti="second")
    with worker.cluster.namespace() as namespace:
        there = attrs.evolve(worker, namespace=namespace)
        options = json.dumps({"jobNamespace": namespace})
        worker.update(exclaiming("moving", customRuntimeOptions=options))
        until(lambda: not worker.objects(), lambda: f"left: {worker.objects()}\n{worker.server.end_of_log()}")
        there.wait_running("moving", 1)
        assert topics.exclaim("moving", "a") == ["a!"]
        assert _mounted_token(there, "pf-public-default-moving") == token("alice", jti="second")
        there.delete("moving")


def authorize(worker: Worker, role: str, **claims: Any) -> None:
    """Ask as somebody else from now on."""
    worker.headers["Authorization"] = f"Bearer {token(role, **claims)}"  # type: ignore[index] # a dictionary of ours


def _token_secrets(worker: Worker) -> list[str]:
    return [each for each in worker.objects() if each.startswith("secret/pf-secret-")]


def _mounted_secret(worker: Worker, stateful_set: str) -> str:
    volumes = worker.stateful_set(stateful_set).spec.template.spec.volumes
    (name,) = [volume.secret.secret_name for volume in volumes if volume.secret]
    return str(name)


def _mounted_token(worker: Worker, stateful_set: str) -> str:
    core = client.CoreV1Api(worker.cluster.api())
    data = core.read_namespaced_secret(_mounted_secret(worker, stateful_set), worker.namespace).data
    return base64.b64decode(data["token"]).decode()
