"""Tokens on a real API server."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from kubernetes import client
from kubernetes.aio.client import ApiClient
from kubernetes.aio.config import new_client_from_config

from pulsemill.auth import CallerCredentials, KubernetesFunctionAuthProvider
from pulsemill.errors import PulsemillError
from pulsemill.plugin import NoConfig
from pulsemill.testing import function_details
from pulsemill_auth_token import secret
from pulsemill_auth_token.secrets_token import KubernetesSecretsTokenAuthProvider
from pulsemill_auth_token.service_account_token import (
    KubernetesServiceAccountTokenAuthProvider,
    ServiceAccountTokenConfig,
)
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionMetaData
from pulsemill_runtime_k8s.api import KubernetesApi
from tests.plugins.auth_token.conftest import MANAGER, surroundings_of
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image
from tests.rig.waiting import until

pytestmark = pytest.mark.kubernetes

CALLER = CallerCredentials("me", "t0ken")
DETAILS = function_details()
LOG_SECONDS = 60.0
CACHE = {"name": "cache", "emptyDir": {}}


def spec(data: bytes | None) -> FunctionAuthenticationSpec:
    return FunctionAuthenticationSpec(data=data or b"")


def stateful_set(name: str = "pf-tested") -> dict[str, Any]:
    """Without replicas, with a volume of its own."""
    labels = {"name": name}
    container = {"name": "pulsarfunction", "image": "none", "volumeMounts": [{"name": "cache", "mountPath": "/cache"}]}
    template = {"metadata": {"labels": labels}, "spec": {"volumes": [CACHE], "containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name},
        "spec": {"replicas": 0, "serviceName": name, "selector": {"matchLabels": labels}, "template": template},
    }


@pytest.fixture
async def api_client(cluster: Cluster) -> AsyncIterator[ApiClient]:
    made = await new_client_from_config(str(cluster.kubeconfig))
    async with made:
        yield made


@pytest.fixture
async def provider(api_client: ApiClient, kubernetes_namespace: str) -> KubernetesSecretsTokenAuthProvider:
    made = KubernetesSecretsTokenAuthProvider(NoConfig())
    await made.initialize(surroundings_of(KubernetesApi(api_client, MANAGER), lambda _: kubernetes_namespace, b"CA"))
    return made


@pytest.fixture
def core(cluster: Cluster) -> client.CoreV1Api:
    return client.CoreV1Api(cluster.api())


def names(core: client.CoreV1Api, namespace: str) -> set[str]:
    return {each.metadata.name for each in core.list_namespaced_secret(namespace).items}


async def create(api_client: ApiClient, namespace: str, manifest: dict[str, Any], **query: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/statefulsets"
    await KubernetesApi(api_client, MANAGER).request_once("POST", path, query, manifest)


async def test_a_token_is_stored_replaced_and_deleted(
    provider: KubernetesSecretsTokenAuthProvider, core: client.CoreV1Api, kubernetes_namespace: str
) -> None:
    old = await provider.cache_auth_data(DETAILS, CALLER)
    assert old is not None
    stored: Any = core.read_namespaced_secret(f"pf-secret-{old.decode()}", kubernetes_namespace)
    assert {key: base64.b64decode(value) for key, value in stored.data.items()} == {"token": b"t0ken", "ca.pem": b"CA"}
    assert [entry.manager for entry in stored.metadata.managed_fields] == [MANAGER]
    new = await provider.update_auth_data(DETAILS, spec(old), CallerCredentials("me", "new"))
    assert len(names(core, kubernetes_namespace)) == 2
    for _ in range(2):
        await provider.clean_up_auth_data(DETAILS, spec(new))
        assert not names(core, kubernetes_namespace)


async def test_an_id_that_is_taken_is_left_alone(
    provider: KubernetesSecretsTokenAuthProvider,
    core: client.CoreV1Api,
    kubernetes_namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = client.V1Secret(metadata=client.V1ObjectMeta(name="pf-secret-taken"), string_data={"token": "another's"})
    core.create_namespaced_secret(kubernetes_namespace, taken)
    ids = iter(["taken", "fresh"])
    monkeypatch.setattr(secret, "new_id", lambda: next(ids))
    assert await provider.cache_auth_data(DETAILS, CALLER) == b"fresh"
    kept: Any = core.read_namespaced_secret("pf-secret-taken", kubernetes_namespace)
    assert base64.b64decode(kept.data["token"]) == b"another's"


async def test_a_worker_without_rights_fails_the_request_and_says_which_it_needs(
    provider: KubernetesSecretsTokenAuthProvider, api_client: ApiClient
) -> None:
    api_client.set_default_header("Impersonate-User", "a-worker")
    with pytest.raises(PulsemillError, match=r'User "a-worker" cannot create .*add to a Role there: - '):
        await provider.cache_auth_data(DETAILS, CALLER)


async def test_a_worker_without_rights_is_told_so_at_its_start(
    api_client: ApiClient, kubernetes_namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    surroundings = surroundings_of(KubernetesApi(api_client, MANAGER), lambda _: kubernetes_namespace)
    await KubernetesSecretsTokenAuthProvider(NoConfig()).initialize(surroundings)
    assert caplog.text == ""
    api_client.set_default_header("Impersonate-User", "a-worker")
    await KubernetesSecretsTokenAuthProvider(NoConfig()).initialize(surroundings)
    assert f"may not create, get, list, delete secrets in namespace {kubernetes_namespace}" in caplog.text


async def test_a_pod_has_a_service_accounts_token_for_the_audience(
    api_client: ApiClient, cluster: Cluster, kubernetes_namespace: str, function_image: Image
) -> None:
    config = ServiceAccountTokenConfig(service_account_token_audience="pulsar")
    provider = KubernetesServiceAccountTokenAuthProvider(config)
    manifest = provider.configure_stateful_set(stateful_set(), spec(None))
    program = "import base64, json, time; from pathlib import Path; "
    program += "part = Path('/etc/auth/token').read_text().split('.')[1]; "
    program += "print(json.loads(base64.urlsafe_b64decode(part + '==='))['aud'], flush=True); time.sleep(600)"
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    container |= {"image": function_image.reference, "command": ["python3", "-c", program]}
    manifest["spec"]["replicas"] = 1
    await create(api_client, kubernetes_namespace, manifest)
    core = client.CoreV1Api(cluster.api())
    log = await asyncio.to_thread(until, lambda: _log(core, "pf-tested-0", kubernetes_namespace), seconds=LOG_SECONDS)
    assert log == "['pulsar']\n"


def _log(core: client.CoreV1Api, pod: str, namespace: str) -> str:
    """What a pod has said, empty while it cannot say anything."""
    try:
        return core.read_namespaced_pod_log(pod, namespace) or ""
    except client.ApiException:
        return ""


async def test_a_namespace_that_is_missing_fails_the_request(api_client: ApiClient) -> None:
    provider = KubernetesSecretsTokenAuthProvider(NoConfig())
    await provider.initialize(surroundings_of(KubernetesApi(api_client, MANAGER), lambda _: "nowhere"))
    with pytest.raises(PulsemillError, match='stored in namespace nowhere: namespaces "nowhere" not found'):
        await provider.cache_auth_data(DETAILS, CALLER)


async def test_unused_secrets_are_deleted_once_nothing_mounts_them(
    provider: KubernetesSecretsTokenAuthProvider,
    api_client: ApiClient,
    core: client.CoreV1Api,
    kubernetes_namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secret, "GRACE", timedelta(0))
    others = client.V1Secret(metadata=client.V1ObjectMeta(name="pf-secret-other"))
    core.create_namespaced_secret(kubernetes_namespace, others)
    used, mounted, unused = [await provider.cache_auth_data(DETAILS, CALLER) for _ in range(3)]
    await create(api_client, kubernetes_namespace, provider.configure_stateful_set(stateful_set(), spec(mounted)))
    await provider.delete_orphans(lambda: [FunctionMetaData(functionDetails=DETAILS, functionAuthSpec=spec(used))])
    left = {f"pf-secret-{each.decode()}" for each in (used, mounted) if each}
    assert names(core, kubernetes_namespace) == {*left, "pf-secret-other"}
    assert unused


@pytest.mark.parametrize(
    "service_account",
    [ServiceAccountTokenConfig(), ServiceAccountTokenConfig("broker-ca", 600, "pulsar")],
    ids=["token", "token and certificates"],
)
async def test_pods_with_tokens_of_service_accounts_are_accepted(
    api_client: ApiClient, kubernetes_namespace: str, service_account: ServiceAccountTokenConfig
) -> None:
    made: KubernetesFunctionAuthProvider = KubernetesServiceAccountTokenAuthProvider(service_account)
    manifest = made.configure_stateful_set(stateful_set(), None)
    await create(api_client, kubernetes_namespace, manifest, dryRun="All")


async def test_pods_with_tokens_in_secrets_are_accepted(
    provider: KubernetesSecretsTokenAuthProvider, api_client: ApiClient, kubernetes_namespace: str
) -> None:
    manifest = provider.configure_stateful_set(stateful_set(), spec(b"abc12"))
    await create(api_client, kubernetes_namespace, manifest, dryRun="All")
