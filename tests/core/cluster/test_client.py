"""Reaching the broker."""

from typing import Any

import _pulsar
import attrs
import pulsar.asyncio
import pytest

from pulsemill.cluster import client
from pulsemill.cluster.client import BrokerUnreachableError, wait_for_broker
from pulsemill.cluster.topic_log import TopicError
from pulsemill.config.worker_config import WorkerConfig

TOPIC = "persistent://public/functions/metadata"


class FakeClient:
    """Fails with each of the results, then answers."""

    def __init__(self, *results: Any) -> None:
        self.results = list(results)
        self.asked = 0

    async def get_topic_partitions(self, topic: str) -> list[str]:
        self.asked += 1
        if self.results:
            raise pulsar.asyncio.PulsarException(self.results.pop(0))
        return [topic]


@pytest.fixture
def config() -> WorkerConfig:
    return WorkerConfig(pulsar_service_url="pulsar://broker:6650", initial_broker_reconnect_max_retries=60)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RETRY_SECONDS", 0.001)


async def test_it_is_asked_until_it_answers(config: WorkerConfig) -> None:
    fake = FakeClient(_pulsar.Result.ConnectError, _pulsar.Result.Timeout)
    await wait_for_broker(fake, TOPIC, config)
    assert fake.asked == 3


async def test_one_that_never_answers_is_named(config: WorkerConfig) -> None:
    fake = FakeClient(_pulsar.Result.ConnectError)
    impatient = attrs.evolve(config, initial_broker_reconnect_max_retries=0)
    with pytest.raises(BrokerUnreachableError, match=r"pulsarServiceUrl pulsar://broker:6650: .*ConnectError"):
        await wait_for_broker(fake, TOPIC, impatient)
    assert fake.asked == 1


async def test_a_namespace_that_lacks_is_named_at_once(config: WorkerConfig) -> None:
    fake = FakeClient(_pulsar.Result.TopicNotFound)
    with pytest.raises(TopicError, match="pulsar-admin namespaces create public/functions"):
        await wait_for_broker(fake, TOPIC, config)
    assert fake.asked == 1
