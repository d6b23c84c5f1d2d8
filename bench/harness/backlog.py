"""Backlogs to drain, and how many outputs a broker has stored so far."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import attrs
import grpc
import httpx2
import pulsar
from google.protobuf.empty_pb2 import Empty
from pulsar.schema import StringSchema

from pulsemill_instance.proto.InstanceCommunication_pb2_grpc import InstanceControlStub
from tests.rig.broker import Broker

NAMESPACE = "public/default"
SEND_SECONDS = 120


class Counter(Protocol):
    """How many outputs are stored."""

    def stored(self, topic: str) -> int:
        """On this topic, so far."""


@attrs.frozen
class InstanceCounter:
    """Asks the instance that runs, at its control port: for brokers without an admin API."""

    port: Callable[[], int]

    def stored(self, topic: str) -> int:
        """What the instance says it processed, whatever the topic; 0 while it does not answer."""
        with grpc.insecure_channel(f"127.0.0.1:{self.port()}") as channel:
            try:
                metrics = InstanceControlStub(channel).GetMetrics(Empty(), timeout=5)
            except grpc.RpcError:
                return 0
        return int(metrics.processedSuccessfullyTotal)


@attrs.frozen
class AdminCounter:
    """How many messages a real broker has stored on a topic, asked through its admin API."""

    http: httpx2.Client

    def stored(self, topic: str) -> int:
        """Messages since the topic was loaded; 0 for one that is not there yet."""
        answer = self.http.get(f"/admin/v2/{topic.replace('://', '/')}/stats")
        return int(answer.json()["msgInCounter"]) if answer.is_success else 0


@contextmanager
def counter(broker: Broker) -> Iterator[AdminCounter]:
    """A counter of a broker's topics."""
    with httpx2.Client(base_url=broker.web_service_url, trust_env=False, timeout=30) as http:
        yield AdminCounter(http)


def topic(name: str) -> str:
    """The full name of a topic."""
    return f"persistent://{NAMESPACE}/{name}"


def fill(service_url: str, name: str, payload: str, count: int) -> None:
    """Send `count` messages in batches, which stay: a subscription at their beginning keeps them."""
    client = pulsar.Client(service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    try:
        schema = StringSchema()  # Java functions do not take text from topics that have no schema
        client.subscribe(
            topic(name), "keep", schema=schema, initial_position=pulsar.InitialPosition.Earliest, receiver_queue_size=1
        )
        producer = client.create_producer(
            topic(name),
            schema=schema,
            block_if_queue_full=True,
            batching_enabled=True,
            send_timeout_millis=SEND_SECONDS * 1000,
        )
        for _ in range(count):
            producer.send_async(payload, None)
        producer.flush()
    finally:
        client.close()
