"""Our images under Pulsar's Helm chart: its commands, variables, ports and Role."""

from collections.abc import Callable
from pathlib import Path

import httpx2
import jwt
import pytest

from tests.plugins.runtime_k8s.real_cluster.chart import NAME, Chart
from tests.plugins.runtime_k8s.real_cluster.chart_security import HTTPS, Certificates, Tokens
from tests.plugins.runtime_k8s.real_cluster.in_pod import WorkerInPod, create, ready_worker
from tests.plugins.runtime_k8s.real_cluster.topics import Topics, exclaim_package, exclaiming
from tests.rig.broker import Broker
from tests.rig.certificates import Authority
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar]

KEY = bytes(range(32))
ByTheChart = Callable[..., WorkerInPod]


@pytest.fixture
def by_the_chart(
    cluster: Cluster, cluster_broker: Broker, kubernetes_namespace: str, function_image: Image, worker_image: Image
) -> ByTheChart:
    """A worker that Pulsar's Helm chart starts, with our images."""

    def start(
        certificates: Certificates | None = None, tokens: Tokens | None = None, *, with_role: bool = False
    ) -> WorkerInPod:
        images = worker_image.reference, function_image.reference
        chart = Chart(kubernetes_namespace, cluster_broker, *images, certificates, tokens, with_role)
        create(cluster, kubernetes_namespace, chart.manifests())
        return ready_worker(cluster, kubernetes_namespace, NAME, "pulsar-", ADMIN if tokens else None)

    return start


def test_under_the_charts_command(by_the_chart: ByTheChart, topics: Topics, tmp_path: Path) -> None:
    """The chart's Role does not let it read events, which it says and can do without."""
    worker = by_the_chart()
    (member,) = httpx2.get(f"{worker.web_service_url}/admin/v2/worker/cluster", timeout=60).raise_for_status().json()
    assert member["workerId"] == f"{NAME}-0"
    assert member["workerHostname"] == f"{NAME}-0.{NAME}-headless.{worker.namespace}.svc.cluster.local"
    worker.register(exclaiming("charted", parallelism=2), exclaim_package(tmp_path))
    worker.wait_running("charted", 2)
    assert topics.exclaim("charted", "a", "b") == ["a!", "b!"]
    lacks = [line for line in worker.server.end_of_log().splitlines() if "this worker may not" in line]
    assert ["events" in line for line in lacks] == [True]
    worker.delete("charted")


def test_under_the_charts_command_with_tls_and_tokens(
    by_the_chart: ByTheChart, cluster_authority: Authority, topics: Topics, tmp_path: Path
) -> None:
    authority = cluster_authority
    certificate, key = authority.issue("function-worker", [], [NAME])
    certificates, tokens = Certificates(authority.file, certificate, key), Tokens(KEY, token("broker-admin"))
    worker = by_the_chart(certificates, tokens, with_role=True)
    cluster = f"{worker.web_service_url.replace('http:', 'https:').replace('6750', str(HTTPS))}/admin/v2/worker/cluster"
    named = {"sni_hostname": NAME}
    with httpx2.Client(verify=authority.client_context(), timeout=60) as client:
        assert client.get(cluster, extensions=named).status_code == httpx2.codes.UNAUTHORIZED
        (member,) = client.get(cluster, headers=ADMIN, extensions=named).raise_for_status().json()
    assert (member["workerId"], member["port"]) == (f"{NAME}-0", HTTPS)
    plain = httpx2.get(f"{worker.web_service_url}/admin/v2/worker/cluster", headers=ADMIN, timeout=60)
    assert plain.raise_for_status().json() == [member], "6750 stays"
    worker.register(exclaiming("secured"), exclaim_package(tmp_path))
    worker.wait_running("secured", 1)
    assert topics.exclaim("secured", "a") == ["a!"]
    line = worker.stateful_set("pf-public-default-secured").spec.template.spec.containers[0].command[2]
    for option in (f"--admin-url https://{NAME}:6751/", "--pulsar_serviceurl pulsar+ssl://pulsar-broker:6651/"):
        assert f"{option} " in line
    worker.delete("secured")


def test_with_tokens_the_charts_role_is_too_small(by_the_chart: ByTheChart, tmp_path: Path) -> None:
    """As under upstream's worker: it may not store them."""
    worker = by_the_chart(tokens=Tokens(KEY, token("broker-admin")))
    with pytest.raises(AssertionError, match=r"add to a Role there: .*secrets"):
        worker.register(exclaiming("refused"), exclaim_package(tmp_path))


def token(role: str) -> str:
    return jwt.encode({"sub": role}, KEY, "HS256")


ADMIN = {"Authorization": f"Bearer {token('admin')}"}
