"""Acceptance cases 9 to 13 and 24: failures of the function, its output and its messages."""

import os
import re
import time
from typing import Any

import pytest

from pulsemill_instance.proto.Function_pb2 import NONE, ProducerSpec, RetryDetails, SinkSpec

pytestmark = pytest.mark.embedded


def raising(value: Any, context: Any) -> Any:
    raise ValueError(f"cannot take {value}")


def test_case_9_an_exception_is_counted_shown_and_not_a_success(harness: Any, until: Any) -> None:
    harness.produce(b"1", b"2", b"3", batching=False)

    def inverse(value: int, context: Any) -> float:
        return 6 / (value - 2)

    running = harness.start(inverse)
    until(lambda: running.status.numSuccessfullyProcessed == 2)
    status = running.status
    assert (status.numReceived, status.numUserExceptions, status.numSystemExceptions) == (3, 1, 0)
    assert "ZeroDivisionError" in status.latestUserExceptions[0].exceptionString
    assert "in inverse" in status.latestUserExceptions[0].exceptionString
    assert "pulsar_function_process_latency_ms_count{" in running.instance.prometheus_metrics()
    assert re.search(r"process_latency_ms_count\{.*\} 2.0", running.instance.prometheus_metrics())


def test_case_10_negative_ack_delay_is_honoured(harness: Any, until: Any) -> None:
    harness.produce(b"x")
    times: list[float] = []

    def once(value: Any, context: Any) -> Any:
        times.append(time.monotonic())
        if len(times) == 1:
            raise ValueError
        return value

    details = harness.details()
    details.source.negativeAckRedeliveryDelayMs = 1000
    harness.start(once, details)
    until(lambda: len(times) == 2)
    assert 0.8 < times[1] - times[0] < 10, "the client's own delay is 60 s"


def test_case_11_latest_exceptions_and_error_labels_are_bounded(harness: Any, until: Any) -> None:
    harness.produce(*(str(number).encode() for number in range(12)))
    running = harness.start(raising)
    until(lambda: running.status.numUserExceptions == 12)
    assert [e.exceptionString.splitlines()[-1] for e in running.status.latestUserExceptions] == [
        f"ValueError: cannot take {number}" for number in range(2, 12)
    ]
    errors = re.findall(r'user_exception\{.*error="([^"]+)".*\} 1.0', running.instance.prometheus_metrics())
    assert errors == [f"cannot take {number}" for number in range(5)]


def test_case_13_oversized_output_fails_alone(harness: Any, until: Any) -> None:
    names = ["a", "big", "b", "c"]
    harness.produce(*(name.encode() for name in names), batching=False)
    huge = os.urandom(6 * 1024 * 1024)
    details = harness.details(sink=SinkSpec(producerSpec=ProducerSpec(compressionType=NONE)))
    running = harness.start(lambda value: huge if value == "big" else value, details, kind="native")
    until(lambda: running.status.numSystemExceptions == 1 and running.status.numSuccessfullyProcessed == 3)
    assert "MessageTooBig" in running.status.latestSystemExceptions[0].exceptionString
    running.stop()
    assert harness.all_of() == [b"a", b"b", b"c"]
    assert harness.unacknowledged() == [b"big"]


def test_case_24_a_message_that_always_fails_goes_to_the_dead_letter_topic(harness: Any, until: Any) -> None:
    dead = harness.topic("dlq")
    harness.produce(b"poison")
    details = harness.details(retryDetails=RetryDetails(maxMessageRetries=2, deadLetterTopic=dead))
    details.source.negativeAckRedeliveryDelayMs = 100
    running = harness.start(raising, details)
    (message,) = harness.consume(1, dead)
    assert message.data() == b"poison"
    assert running.status.numUserExceptions == 3
    running.stop()
    assert harness.unacknowledged() == []


def test_case_24_without_retries_the_first_failure_ends_in_the_dead_letter_topic(harness: Any, until: Any) -> None:
    dead = harness.topic("dlq")
    harness.produce(b"poison", properties={"a": "b"}, partition_key="k", event_timestamp=5)
    running = harness.start(raising, harness.details(retryDetails=RetryDetails(deadLetterTopic=dead)))
    (message,) = harness.consume(1, dead)
    assert (message.data(), message.partition_key(), message.event_timestamp()) == (b"poison", "k", 5)
    properties = message.properties()
    assert (properties["a"], properties["REAL_TOPIC"]) == ("b", harness.input)
    assert re.fullmatch(r"\d+:\d+:-1", properties["ORIGIN_MESSAGE_ID"])
    running.stop()
    assert running.status.numUserExceptions == 1
    assert harness.unacknowledged() == []


def test_case_24_a_function_with_total_order_tries_again_before_the_next_message(harness: Any, until: Any) -> None:
    dead, calls = harness.topic("dlq"), []

    def fail_on_poison(value: str, context: Any) -> str:
        calls.append(value)
        if value == "poison" or calls == ["shy"]:
            raise ValueError(value)
        return value

    retries = RetryDetails(maxMessageRetries=2, deadLetterTopic=dead)
    harness.produce(b"shy", b"poison", b"fine", batching=False)
    running = harness.start(fail_on_poison, harness.details(retainOrdering=True, retryDetails=retries))
    assert [message.data() for message in harness.consume(2)] == [b"shy", b"fine"]
    assert [message.data() for message in harness.consume(1, dead)] == [b"poison"]
    running.stop()
    assert calls == ["shy", "shy", "poison", "poison", "poison", "fine"]
    assert harness.unacknowledged() == []


def test_case_24_a_dead_letter_that_cannot_be_stored_comes_again(harness: Any, until: Any) -> None:
    harness.produce(b"poison")
    retries = RetryDetails(deadLetterTopic="persistent://no-topic")
    running = harness.start(raising, harness.details(retryDetails=retries))
    until(lambda: running.status.numSystemExceptions)
    running.stop()
    assert "could not forward" in running.status.latestSystemExceptions[0].exceptionString
    assert harness.unacknowledged() == [b"poison"]
