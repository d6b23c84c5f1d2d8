"""TLS everywhere: between functions and the broker, and where pods fetch their package; hosts are verified."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import jwt
import pytest
from kubernetes import client

from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker, running_worker
from tests.rig.broker import Broker
from tests.rig.certificates import Authority
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image
from tests.rig.ports import free_port
from tests.rig.waiting import until

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

KEY = bytes(range(32))
PROVIDER_CLASS = "org.apache.pulsar.broker.authentication.AuthenticationProviderToken"
TOKEN_CLASS = "org.apache.pulsar.client.impl.auth.AuthenticationToken"
TRUST_SECRET = "ca-of-the-platform"


def token(role: str) -> str:
    return jwt.encode({"sub": role}, KEY, "HS256")


@attrs.frozen
class Surroundings:
    """What workers here have in common. The broker's certificate is one authority's, the worker's another's."""

    folder: Path
    cluster: Cluster
    broker: Broker
    image: str
    brokers: Authority
    workers: Authority

    @property
    def trusted(self) -> Path:
        """The file of certificates that a worker and its functions trust."""
        return self.folder / "trusted.pem"

    def trust(self, *authorities: Authority) -> str:
        """Trust these from now on."""
        content = "".join(each.file.read_text() for each in authorities)
        self.trusted.write_text(content)
        return content

    def worker(self, namespace: str, name: str, factory: dict[str, Any], settings: dict[str, Any]) -> Any:
        """A worker, `with`, whose pods reach it and the broker by TLS only."""
        port = free_port()
        certificate, key = self.workers.issue(name, [self.cluster.host])
        urls = {
            "pulsarServiceUrl": self.broker.service_url_tls,
            "pulsarAdminUrl": f"https://{self.cluster.host}:{port}",
        }
        own = {
            "pulsarServiceUrl": self.broker.service_url_tls,
            "pulsarWebServiceUrl": self.broker.web_service_url_tls,
            "useTls": True,
            "tlsTrustCertsFilePath": str(self.trusted),
            "tlsEnableHostnameVerification": True,
            "workerPortTls": port,
            "tlsEnabled": True,
            "tlsCertificateFilePath": str(certificate),
            "tlsKeyFilePath": str(key),
            "stateStorageServiceUrl": None,
        }
        return running_worker(
            self.folder / name,
            self.cluster,
            self.broker,
            namespace,
            self.image,
            factory=urls | factory,
            settings=own | settings,
            headers={"Authorization": f"Bearer {token('alice')}"},
        )


@pytest.fixture(scope="module")
def surroundings(
    cluster: Cluster,
    cluster_broker: Broker,
    cluster_authority: Authority,
    function_image: Image,
    tmp_path_factory: pytest.TempPathFactory,
) -> Surroundings:
    folder = tmp_path_factory.mktemp("tls")
    workers = Authority.make(folder, "the workers' authority")
    return Surroundings(folder, cluster, cluster_broker, function_image.reference, cluster_authority, workers)


@pytest.fixture(scope="module")
def worker(surroundings: Surroundings) -> Iterator[Worker]:
    """Gives functions the tokens of their callers, and its trusted certificates with them."""
    surroundings.trust(surroundings.brokers, surroundings.workers)
    settings = {
        "authenticationEnabled": True,
        "authenticationProviders": [PROVIDER_CLASS],
        "properties": {"tokenSecretKey": base64.b64encode(KEY).decode()},
        "brokerClientAuthenticationPlugin": TOKEN_CLASS,
        "brokerClientAuthenticationParameters": f"token:{token('worker')}",
    }
    with (
        surroundings.cluster.namespace() as namespace,
        surroundings.worker(namespace, "with-tokens", {}, settings) as worker,
    ):
        yield worker


def test_messages_and_packages_travel_by_tls(
    worker: Worker, surroundings: Surroundings, topics: Topics, tmp_path: Path
) -> None:
    content = surroundings.trust(surroundings.brokers, surroundings.workers)
    worker.register(exclaiming("encrypted"), exclaim_package(tmp_path))
    worker.wait_running("encrypted", 1)
    assert topics.exclaim("encrypted", "a") == ["a!"]
    until(lambda: worker.status("encrypted")[0]["numSuccessfullyProcessed"] == 1, lambda: worker.explain("encrypted"))
    line = worker.stateful_set("pf-public-default-encrypted").spec.template.spec.containers[0].command[2]
    for option in (
        f"--admin-url https://{surroundings.cluster.host}:",
        "--tls-enable-hostname-verification --tls-trust-cert-path /etc/auth/ca.pem",
        f"--pulsar_serviceurl {surroundings.broker.service_url_tls}",
        "--use_tls true --tls_allow_insecure false --hostname_verification_enabled true",
        "--tls_trust_cert_path /etc/auth/ca.pem",
    ):
        assert option in line
    assert mounted(worker) == {"token": token("alice"), "ca.pem": content}
    worker.delete("encrypted")


def test_the_status_tells_of_pods_that_do_not_trust_the_worker(
    worker: Worker, surroundings: Surroundings, topics: Topics, tmp_path: Path
) -> None:
    """Until the certificates are renewed and the function updated; the worker goes on all the time."""
    surroundings.trust(surroundings.brokers)
    worker.register(exclaiming("doubtful"), exclaim_package(tmp_path))
    error = worker.wait_error("doubtful", "its certificate is refused: ")["error"]
    assert "cannot download the package: https://" in error
    assert "trusted are /etc/auth/ca.pem" in error
    surroundings.trust(surroundings.brokers, surroundings.workers)
    worker.update(exclaiming("doubtful"), options={"updateAuthData": True})
    worker.wait_running("doubtful", 1)
    assert topics.exclaim("doubtful", "a") == ["a!"]
    told = f"{error}\n{worker.explain('doubtful')}\n{worker.server.log.read_text()}"
    assert token("alice") not in told
    assert token("worker") not in told
    worker.delete("doubtful")


def test_without_authentication_pods_trust_a_secret_of_the_platform(
    surroundings: Surroundings, kubernetes_namespace: str, topics: Topics, tmp_path: Path
) -> None:
    """Which the platform renews, whatever functions do."""
    options = {"pulsemill": {"brokerClientTrustCertsSecretName": TRUST_SECRET}}
    core = client.CoreV1Api(surroundings.cluster.api())
    metadata = client.V1ObjectMeta(name=TRUST_SECRET)
    old = client.V1Secret(metadata=metadata, string_data={"ca.crt": surroundings.trust(surroundings.brokers)})
    core.create_namespaced_secret(kubernetes_namespace, old)
    with surroundings.worker(kubernetes_namespace, "without-tokens", options, {}) as worker:
        worker.register(exclaiming("anonymous"), exclaim_package(tmp_path))
        worker.wait_error("anonymous", "its certificate is refused: ")
        (pod,) = worker.pods()
        renewed = {"stringData": {"ca.crt": surroundings.trust(surroundings.brokers, surroundings.workers)}}
        core.patch_namespaced_secret(TRUST_SECRET, kubernetes_namespace, renewed)
        worker.wait_running("anonymous", 1)
        assert [each.metadata.uid for each in worker.pods()] == [pod.metadata.uid]
        assert topics.exclaim("anonymous", "a") == ["a!"]
        core.delete_namespaced_secret(TRUST_SECRET, kubernetes_namespace)
        worker.delete("anonymous")


def mounted(worker: Worker) -> dict[str, str]:
    """The content of the one Secret in the namespace."""
    (secret,) = client.CoreV1Api(worker.cluster.api()).list_namespaced_secret(worker.namespace).items
    return {key: base64.b64decode(value).decode() for key, value in secret.data.items()}
