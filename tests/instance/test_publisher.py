"""Publishing to any topic: which producers send, and what becomes of them."""

import time
from collections.abc import Callable

import pulsar
import pytest

from pulsemill_instance.patience import RECONNECT_SECONDS
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.publisher import Publisher
from pulsemill_instance.serde import IdentitySerDe
from tests.instance.producers import Client

SERDE = "serde.IdentitySerDe"


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def publisher(client: Client) -> Publisher:
    return Publisher(client, FunctionDetails(), 0, function=None)  # type: ignore[arg-type]  # a fake; nobody asks for a class


def publish(publisher: Publisher) -> None:
    publisher.publish("topic", "value", SERDE, None, None, {})


def test_a_topic_has_one_producer(client: Client, publisher: Publisher) -> None:
    publish(publisher)
    publish(publisher)
    assert [len(producer.callbacks) for producer in client.producers] == [2]


def test_a_producer_that_the_broker_has_forgotten_is_replaced(client: Client, publisher: Publisher) -> None:
    publish(publisher)
    client.producers[0].callbacks[0](pulsar.Result.Timeout, None)
    publish(publisher)
    forgotten, fresh = client.producers
    assert forgotten.closed
    assert len(fresh.callbacks) == 1
    assert list(publisher.failures) == ["could not publish to topic: Timeout"]


def test_what_timed_out_is_no_obstacle_after_all_were_closed(client: Client, publisher: Publisher) -> None:
    publish(publisher)
    client.producers[0].callbacks[0](pulsar.Result.Timeout, None)
    publisher.close()
    publish(publisher)
    assert len(client.producers[1].callbacks) == 1


def test_a_producer_whose_broker_is_absent_stays(client: Client, publisher: Publisher) -> None:
    publish(publisher)
    (producer,) = client.producers
    producer.connected = False
    producer.callbacks[0](pulsar.Result.Timeout, None)
    publish(publisher)
    assert len(client.producers) == 1
    assert not producer.closed


def test_a_producer_that_the_client_does_not_connect_again_is_replaced(
    client: Client, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(publisher)
    (producer,) = client.producers
    producer.connected = False
    producer.callbacks[0](pulsar.Result.Timeout, None)
    later = time.monotonic() + RECONNECT_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    publish(publisher)
    assert [each.closed for each in client.producers] == [True, False]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_serde_may_return_anything_like_bytes(
    client: Client, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, kind: Callable[[bytes], object]
) -> None:
    monkeypatch.setattr(IdentitySerDe, "serialize", staticmethod(lambda text: kind(text.encode())))
    publish(publisher)
    (payload,) = client.producers[0].payloads
    assert (type(payload), payload) == (bytes, b"value")
