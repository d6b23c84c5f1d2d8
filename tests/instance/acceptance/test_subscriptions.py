"""Acceptance cases 18 and 26 to 29: inputs, their subscriptions and settings."""

import logging
from typing import Any

import pulsar
import pytest

from pulsemill_instance.proto.Function_pb2 import LATEST, MANUAL, NONE, ZSTD, ConsumerSpec, ProducerSpec, SinkSpec

pytestmark = pytest.mark.embedded


def echo(value: Any, context: Any) -> Any:
    return value


def test_case_18_ack_takes_full_and_short_names_and_refuses_unknown_ones(harness: Any, until: Any) -> None:
    short = harness.input.rpartition("/")[2]
    harness.produce(b"full", b"short", b"unknown", batching=False)
    errors: list[str] = []

    def acknowledge(value: str, context: Any) -> None:
        names = {"full": context.get_current_message_topic_name(), "short": short, "unknown": "no-input"}
        try:
            context.ack(context.get_message_id(), names[value])
        except ValueError as error:
            errors.append(str(error))

    details = harness.details(short, processingGuarantees=MANUAL)
    running = harness.start(acknowledge, details)
    until(lambda: running.status.numSuccessfullyProcessed == 3)
    running.stop()
    assert errors == [f"Invalid topicname no-input: the function's inputs are {short}"]
    assert harness.unacknowledged() == [b"unknown"]


def test_case_26_subscription_has_the_given_name_or_the_functions(harness: Any, until: Any) -> None:
    for name in ("", "chosen"):
        details = harness.details()
        details.source.subscriptionName = name
        running = harness.start(echo, details)
        harness.produce(b"x")
        until(lambda running=running: running.status.numSuccessfullyProcessed)
        running.stop()
    harness.produce(b"later")
    assert harness.unacknowledged() == [b"x", b"later"]
    assert harness.unacknowledged(name="chosen") == [b"later"]


def test_case_27_only_earliest_reads_what_was_there_before(harness: Any, until: Any) -> None:
    harness.produce(b"before")
    latest = harness.details(sink=SinkSpec(topic=harness.topic("latest")))
    latest.name = "latest"
    latest.source.subscriptionPosition = LATEST
    late, early = harness.start(echo, latest), harness.start(echo)
    harness.consume(1)
    until(lambda: harness.produce(b"after") or late.status.numReceived)
    late.stop()
    assert set(harness.all_of(harness.topic("latest"))) == {b"after"}
    until(lambda: early.status.numReceived > late.status.numReceived)


def test_case_28_a_small_receiver_queue_and_a_short_ack_timeout_work(
    harness: Any, caplog: pytest.LogCaptureFixture
) -> None:
    details = harness.details()
    details.source.timeoutMs = 5000
    details.source.inputSpecs[harness.input].receiverQueueSize.value = 10
    harness.produce(*(str(number).encode() for number in range(100)))
    with caplog.at_level(logging.WARNING):
        harness.start(echo, details)
        assert len(harness.consume(100)) == 100
    assert "timeoutMs 5000 is taken as 10000" in caplog.text


@pytest.mark.parametrize("compression", [NONE, ZSTD])
def test_case_29_producer_settings_reach_the_output(harness: Any, compression: Any) -> None:
    spec = ProducerSpec(compressionType=compression, batchBuilder="KEY_BASED", maxPendingMessages=3)
    payloads = [f"text {number}".encode() for number in range(50)]
    harness.produce(*payloads)
    harness.start(echo, harness.details(sink=SinkSpec(producerSpec=spec)))
    assert [message.data() for message in harness.consume(50)] == payloads


def test_several_inputs_with_settings_of_their_own(harness: Any, until: Any) -> None:
    other = harness.topic("other")
    details = harness.details(harness.input, other)
    details.source.inputSpecs[other].CopyFrom(ConsumerSpec(schemaType="string"))
    harness.produce(b"1", b"2")
    harness.produce(b"3", topic=other)
    running = harness.start(lambda value: type(value).__name__, details, kind="native")
    assert sorted(message.data() for message in harness.consume(3)) == [b"int", b"int", b"str"]
    running.stop()
    assert harness.unacknowledged() == []
    assert harness.unacknowledged(other) == []


def test_deprecated_ways_to_name_inputs_work(harness: Any) -> None:
    details = harness.details()
    details.source.ClearField("inputSpecs")
    details.source.topicsToSerDeClassName[harness.input] = "serde.PickleSerDe"
    harness.produce(b"\x80\x04K\x07.")
    harness.start(echo, details)
    (message,) = harness.consume(1)
    assert message.data() == b"7"


def test_an_input_that_cannot_be_subscribed_ends_the_start_and_frees_the_others(harness: Any) -> None:
    bad = "persistent://public/default/(unclosed"
    details = harness.details(harness.input)
    details.source.inputSpecs[bad].isRegexPattern = True
    running = harness.start(echo, details)
    running.join()
    assert f"input pattern '{bad}': missing )" in str(running.error)
    name = f"public/default/{harness.details().name}"
    harness.client.subscribe(harness.input, name, pulsar.ConsumerType.Exclusive).close()
