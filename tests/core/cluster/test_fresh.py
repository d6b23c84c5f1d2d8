"""What a worker makes sure of before it begins on a broker."""

import json
from collections.abc import Mapping
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.broker import admin as broker_admin
from pulsemill.broker.admin import BrokerAdmin, BrokerAdminError
from pulsemill.cluster import fresh
from pulsemill.cluster.client import BrokerUnreachableError
from pulsemill.cluster.fresh import prepare_broker
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError

NAMESPACE = "/namespaces/public/functions"


@attrs.define
class FakeBroker:
    """A broker's tenants, namespaces and topics."""

    clusters: list[str] = attrs.field(factory=lambda: ["east"])
    stored: dict[str, Any] = attrs.field(factory=dict)
    failures: list[int | Exception] = attrs.field(factory=list)
    created: list[str] = attrs.field(factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return httpx2.Response(failure)
        path = request.url.path.removeprefix("/admin/v2")
        if path == "/clusters":
            return httpx2.Response(200, json=self.clusters)
        if request.method == "PUT":
            return self._create(path, json.loads(request.content or b"{}"))
        return httpx2.Response(200, json=self.stored[path]) if path in self.stored else httpx2.Response(404)

    def _create(self, path: str, content: Any) -> httpx2.Response:
        if path in self.stored:
            return httpx2.Response(409)
        self.stored[path] = content
        self.created.append(path)
        return httpx2.Response(204)


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker()


@pytest.fixture
def admin(broker: FakeBroker) -> BrokerAdmin:
    return BrokerAdmin("http://broker:8080", attempts=1, transport=httpx2.MockTransport(broker))


@pytest.fixture
def config() -> WorkerConfig:
    return WorkerConfig(pulsar_functions_cluster="east", pulsar_web_service_url="http://broker:8080")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(broker_admin, "RETRY_SECONDS", 0)


def policies(*clusters: str) -> Mapping[str, Any]:
    return {"replication_clusters": list(clusters)}


async def test_a_new_cluster_gets_everything(broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig) -> None:
    await prepare_broker(admin, config)
    topics = [f"/persistent/public/functions/{topic}" for topic in ("assignments", "coordinate", "metadata")]
    assert broker.created == ["/tenants/public", NAMESPACE, *topics]
    assert broker.stored["/tenants/public"]["allowedClusters"] == ["east"]
    assert broker.stored[NAMESPACE]["retention_policies"] == {"retentionTimeInMinutes": -1, "retentionSizeInMB": -1}
    assert broker.stored[NAMESPACE]["replication_clusters"] == ["east"]


async def test_what_exists_is_left_alone(broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig) -> None:
    broker.stored = {"/tenants/public": {}, NAMESPACE: policies("east")}
    await prepare_broker(admin, config)
    assert all(path.startswith("/persistent/") for path in broker.created)
    await prepare_broker(admin, config)
    assert len(broker.created) == 3


async def test_it_waits_for_the_broker(broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig) -> None:
    broker.failures = [httpx2.ConnectError("refused"), 503]
    await prepare_broker(admin, config)
    assert broker.created


async def test_it_waits_for_a_new_broker_to_know_its_cluster(
    broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def grow(_: float) -> None:
        broker.clusters = ["east"]

    broker.clusters = []
    monkeypatch.setattr(fresh.asyncio, "sleep", grow)
    await prepare_broker(admin, config)
    assert broker.created


async def test_a_broker_that_never_answers_is_named(
    broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig
) -> None:
    broker.failures = [httpx2.ConnectError("refused")]
    impatient = attrs.evolve(config, initial_broker_reconnect_max_retries=0)
    with pytest.raises(BrokerUnreachableError, match="http://broker:8080"):
        await prepare_broker(admin, impatient)


async def test_missing_rights_are_told_at_once(broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig) -> None:
    broker.failures = [401]
    with pytest.raises(BrokerAdminError, match="lacks the rights"):
        await prepare_broker(admin, config)
    assert broker.failures == []


async def test_a_namespace_that_the_worker_may_not_use_is_named(
    broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeBroker, "_create", lambda *_: httpx2.Response(403))
    with pytest.raises(ConfigurationError, match=r"pulsarFunctionsNamespace public/functions: .*lacks the rights"):
        await prepare_broker(admin, config)


async def test_a_wrong_cluster_is_refused(broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig) -> None:
    broker.clusters = ["west", "north"]
    with pytest.raises(ConfigurationError, match=r"pulsarFunctionsCluster east.*only north, west"):
        await prepare_broker(admin, config)
    assert broker.created == []


@pytest.mark.parametrize("clusters", [("west",), ("east", "west"), ()])
async def test_a_namespace_of_other_clusters_is_refused(
    broker: FakeBroker, admin: BrokerAdmin, config: WorkerConfig, clusters: tuple[str, ...]
) -> None:
    broker.stored = {"/tenants/public": {}, NAMESPACE: policies(*clusters)}
    with pytest.raises(
        ConfigurationError, match=r"public/functions is in .*east .*alone.*such as public/functions-east"
    ):
        await prepare_broker(admin, config)
    assert broker.created == []
