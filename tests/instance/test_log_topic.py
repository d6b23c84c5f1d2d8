"""The log topic's producer."""

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pulsar
import pytest

from pulsemill_instance.log_topic import LogTopicHandler
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.spec import InstanceSpec
from tests.instance.producers import Client


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def handler(client: Client) -> Iterator[LogTopicHandler]:
    spec = InstanceSpec(FunctionDetails(logTopic="logs"), 0, "id", "0", "cluster")
    with closing(LogTopicHandler(client, spec)) as handler:  # type: ignore[arg-type]  # a fake
        yield handler


def log(handler: LogTopicHandler) -> None:
    handler.emit(logging.makeLogRecord({"msg": "x"}))


def test_a_producer_that_the_broker_has_forgotten_is_replaced(
    client: Client, handler: LogTopicHandler, until: Any
) -> None:
    log(handler)
    client.producers[0].callbacks[0](pulsar.Result.Timeout, None)
    log(handler)
    until(lambda: client.producers[0].closed)
    forgotten, fresh = client.producers
    taken = len(forgotten.callbacks)
    log(handler)
    assert len(forgotten.callbacks) == taken
    assert fresh.callbacks


def test_what_does_not_arrive_is_counted(client: Client, handler: LogTopicHandler) -> None:
    log(handler)
    client.producers[0].callbacks[0](pulsar.Result.TopicTerminated, None)
    assert handler.dropped == 1
    assert len(client.producers) == 1


def test_a_half_character_is_sent_by_its_number(client: Client, handler: LogTopicHandler) -> None:
    handler.emit(logging.makeLogRecord({"msg": "unknown \ud83d"}))
    assert client.producers[0].payloads[0].endswith(b": unknown \\ud83d")
