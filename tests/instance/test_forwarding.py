"""Copies of messages to another topic."""

import time
from types import SimpleNamespace
from typing import Any

import _pulsar
import attrs
import pulsar
import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.forwarding import Forwarder
from pulsemill_instance.keys import key_of
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.retries import DeadLetters
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.stats import Stats
from tests.instance.producers import Client


class Message:
    def data(self) -> bytes:
        return b"x"

    def properties(self) -> dict[str, str]:
        return {}

    def partition_key(self) -> str:
        return ""

    def ordering_key(self) -> str:
        return ""

    def event_timestamp(self) -> int:
        return 0


@attrs.define(eq=False)
class Consumer:
    asked_again: int = 0

    def negative_acknowledge(self, _message: Any) -> None:
        self.asked_again += 1


def source(consumer: Consumer) -> Input:
    return Input("in", None, consumer, consumer, lambda message: message)


def message() -> Any:
    return Message()


def test_a_topic_that_refuses_producers_is_not_asked_with_every_message(monkeypatch: pytest.MonkeyPatch) -> None:
    client, consumer, stats = Client(pulsar.TopicTerminated("terminated")), Consumer(), Stats()
    forwarder = Forwarder(client, "dead", {}, stats)  # type: ignore[arg-type]  # a fake
    for _ in range(5):
        forwarder.forward(source(consumer), message(), {})
    assert (client.asked, consumer.asked_again) == (1, 5)
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    client.refusal = None
    forwarder.forward(source(consumer), message(), {})
    assert (client.asked, consumer.asked_again) == (2, 5)


def test_dead_letters_of_all_topics_have_one_time_to_be_stored() -> None:
    spec = InstanceSpec(FunctionDetails(), 0, "id", "1", "standalone")
    function: Any = None
    letters = DeadLetters(Client(), spec, function, Stats(), 0)  # type: ignore[arg-type]  # a fake
    for topic in ("a", "b", "c", "d"):
        forwarder = letters._forwarder(topic)
        forwarder.forward(source(Consumer()), message(), {})
    began = time.monotonic()
    letters.drain(0.3)
    assert time.monotonic() - began < 0.9


def test_a_producer_that_the_broker_has_forgotten_is_replaced() -> None:
    client, consumer = Client(), Consumer()
    forwarder = Forwarder(client, "dead", {}, Stats())  # type: ignore[arg-type]  # a fake
    forwarder.forward(source(consumer), message(), {})
    client.producers[0].callbacks[0](pulsar.Result.Timeout, None)
    forwarder.turn()
    assert consumer.asked_again == 1
    forwarder.forward(source(consumer), message(), {})
    assert [producer.closed for producer in client.producers] == [True, False]


def test_a_copy_has_a_key_that_is_no_text() -> None:
    client, sent = Client(), []
    forwarder = Forwarder(client, "dead", {}, Stats())  # type: ignore[arg-type]  # a fake
    forwarder.forward(source(Consumer()), message(), {})
    (producer,) = client.producers
    producer._producer = SimpleNamespace(send_async=lambda copy, _: sent.append(copy))  # as the client's own has it
    builder = _pulsar.MessageBuilder().content(b"x").properties({"a": "b"}).partition_key("p")
    original = builder.ordering_key(b"\x00\x80\xff").event_timestamp(5).build()
    forwarder.forward(source(Consumer()), original, {"REAL_TOPIC": "in"})
    (copy,) = sent
    assert key_of(copy) == b"\x00\x80\xff"
    assert (copy.data(), copy.partition_key(), copy.event_timestamp()) == (b"x", "p", 5)
    assert copy.properties() == {"a": "b", "REAL_TOPIC": "in"}


def test_a_message_that_cannot_be_copied_is_asked_for_again() -> None:
    consumer, stats = Consumer(), Stats()
    forwarder = Forwarder(Client(), "dead", {}, stats)  # type: ignore[arg-type]  # a fake
    original: Any = Message()
    original.properties = b"\xff".decode  # raises UnicodeDecodeError
    forwarder.forward(source(consumer), original, {})
    assert consumer.asked_again == 1
