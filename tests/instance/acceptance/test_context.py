"""Acceptance cases 31 to 37: what the context offers, and the log topic."""

import logging
import re
from collections.abc import Callable
from typing import Any

import pulsar
import pytest
from pulsar.schema import Integer, JsonSchema, Record

from pulsemill_instance.state.errors import StateError

pytestmark = pytest.mark.embedded


def test_case_31_publish_sets_key_properties_and_event_time_and_calls_back(harness: Any, until: Any) -> None:
    side = harness.topic("side")
    results: list[Any] = []

    def publish(value: str, context: Any) -> None:
        options = {"partition_key": "k", "properties": {"p": "1"}, "event_timestamp": 77}
        context.publish(side, value, callback=lambda *result: results.append(result), message_conf=options)

    harness.produce(b"text")
    harness.start(publish)
    (message,) = harness.consume(1, side)
    assert message.data() == b"text"
    assert (message.partition_key(), message.properties(), message.event_timestamp()) == ("k", {"p": "1"}, 77)
    until(lambda: results)
    assert results[0][0] == pulsar.Result.Ok


def test_case_31_a_raising_callback_is_counted_and_stops_nothing(harness: Any, until: Any) -> None:
    def explode(*_: Any) -> None:
        raise RuntimeError("callback broke")

    def publish(value: str, context: Any) -> str:
        context.publish(harness.topic("side"), value, callback=explode)
        return value

    harness.produce(b"1", b"2")
    running = harness.start(publish)
    assert len(harness.consume(2)) == 2
    until(lambda: running.status.numSystemExceptions == 2)
    assert "callback broke" in running.status.latestSystemExceptions[0].exceptionString


def test_what_was_published_is_stored_when_the_instance_has_stopped(harness: Any, until: Any) -> None:
    def publish(value: int, context: Any) -> None:
        context.publish(harness.topic("side"), value)

    harness.produce(*(str(number).encode() for number in range(500)))
    running = harness.start(publish)
    until(lambda: running.status.numSuccessfullyProcessed >= 100)
    running.stop()
    assert len(harness.all_of(harness.topic("side"))) >= running.status.numSuccessfullyProcessed


@pytest.mark.parametrize(
    ("config", "expected"), [("", "None {} False"), ('{"x": {"y": [1]}}', "{'y': [1]} {'x': {'y': [1]}} True")]
)
def test_case_32_user_config(harness: Any, config: str, expected: str) -> None:
    def show(value: Any, context: Any) -> str:
        whole = context.get_user_config_map()
        return f"{context.get_user_config_value('x')} {whole} {'x' in whole}"

    harness.produce(b"x")
    harness.start(show, harness.details(userConfig=config))
    (message,) = harness.consume(1)
    assert message.data().decode() == expected


def test_case_33_secrets_are_those_of_the_secrets_map(harness: Any) -> None:
    harness.produce(b"x")
    details = harness.details(secretsMap='{"token": "hush"}')
    running = harness.start(lambda _, context: f"{context.get_secret('token')} {context.get_secret('no')}", details)
    (message,) = harness.consume(1)
    assert message.data() == b"hush None"
    assert "hush" not in repr(running.instance)


def writes(context: Any) -> list[Callable[[], None]]:
    return [
        lambda: context.incr_counter("c", 1),
        lambda: context.put_state("s", "v"),
        lambda: context.del_counter("c"),
    ]


def refusal(call: Callable[[], None]) -> str:
    with pytest.raises(StateError) as refused:
        call()
    return str(refused.value)


def test_case_35_without_state_reads_are_empty_and_writes_say_why(harness: Any) -> None:
    def use(value: str, context: Any) -> str:
        read = (context.get_counter("c"), context.get_state("s"))
        return f"{read} {[refusal(call) for call in writes(context)]}"

    harness.produce(b"x")
    harness.start(use)
    (message,) = harness.consume(1)
    answer = message.data().decode()
    assert answer.startswith("(None, None)")
    assert "incr_counter('c'): state is not enabled" in answer
    assert "put_state('s'): state is not enabled" in answer
    assert "del_counter('c'): state is not enabled" in answer


def test_the_context_describes_the_message_and_the_function(harness: Any) -> None:
    contexts: list[Any] = []

    def keep(value: Any, context: Any) -> Any:
        contexts.append(context)
        return value

    harness.produce(b"a", partition_key="ka", event_timestamp=5, properties={"n": "1"})
    harness.produce(b"b", ordering_key="kb")
    details = harness.details()
    harness.start(keep, details, instance_id=3)
    harness.consume(2)
    first, second = contexts
    assert (first.get_message_key(), first.get_partition_key(), first.get_message_eventtime()) == ("ka", "ka", 5)
    assert first.get_message_properties() == {"n": "1"}
    assert (second.get_message_key(), second.get_ordering_key(), second.get_message_eventtime()) == ("", "kb", 0)
    assert first.get_current_message_topic_name() == harness.input
    assert first.get_message_partition_index() == -1
    assert second.get_message_sequence_id() > first.get_message_sequence_id()
    assert (first.get_function_tenant(), first.get_function_namespace()) == ("public", "default")
    assert (first.get_function_name(), first.get_function_id()) == (details.name, "function-id")
    assert (first.get_function_version(), first.get_instance_id()) == ("1", "3")
    assert (first.get_input_topics(), first.get_output_topic()) == ([harness.input], harness.output)
    assert first.get_output_serde_class_name() == ""
    assert isinstance(first.get_pulsar_client(), pulsar.Client)


def test_case_37_log_topic_gets_what_user_code_logs_and_nothing_else(
    harness: Any, caplog: pytest.LogCaptureFixture
) -> None:
    logs = harness.topic("logs")

    def log(value: str, context: Any) -> str:
        context.get_logger().info("seen %s", value)
        if value == "bad":
            raise ValueError("broken input")
        return value

    harness.produce(b"bad", b"good", batching=False)
    with caplog.at_level(logging.INFO):
        harness.start(log, harness.details(logTopic=logs))
        lines = [message.data().decode() for message in harness.consume(3, logs)]
        logging.getLogger("pulsemill_instance").info("the instance's own business")
    assert re.fullmatch(r"\[[^]]+\] \[INFO\]: seen bad", lines[0])
    assert "[ERROR]: The function failed" in lines[1]
    assert "ValueError: broken input" in lines[1]
    assert lines[2].endswith("[INFO]: seen good")
    assert "seen good" in caplog.text
    assert len(harness.all_of(logs)) == 3


def test_log_topics_of_two_instances_in_one_process_are_kept_apart(harness: Any) -> None:
    def log(value: str, context: Any) -> str:
        context.get_logger().warning("from %s", context.get_instance_id())
        return value

    harness.produce(*(str(number).encode() for number in range(20)))
    for instance_id in (0, 1):
        details = harness.details(logTopic=harness.topic(f"logs{instance_id}"))
        details.source.subscriptionName = f"own{instance_id}"
        harness.start(log, details, instance_id=instance_id)
    for instance_id in (0, 1):
        messages = harness.consume(20, harness.topic(f"logs{instance_id}"))
        assert {message.data().decode().rpartition(" ")[2] for message in messages} == {str(instance_id)}
        assert {message.properties()["instance"] for message in messages} == {str(instance_id)}


def test_a_function_whose_logger_stands_apart_has_its_records_in_the_log_topic_once(harness: Any) -> None:
    apart = logging.getLogger(harness.input)
    apart.setLevel(logging.INFO)
    apart.propagate = False
    apart.addHandler(Forwarder())

    def log(value: str, context: Any) -> str:
        context.get_logger().info("seen %s", value)
        logging.getLogger("library").error("library %s", value)
        return value

    harness.produce(b"1")
    running = harness.start(log, harness.details(logTopic=harness.topic("logs")), logger=apart)
    harness.consume(1)
    running.stop()
    lines = [payload.decode().rpartition(": ")[2] for payload in harness.all_of(harness.topic("logs"))]
    assert lines == ["seen 1", "library 1"]


class Forwarder(logging.Handler):
    """Hands records to the root logger's handlers."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger().handle(record)


class Order(Record):  # type: ignore[misc]  # the client ships no types
    """What a function publishes with a schema."""

    number = Integer()


def test_publish_encodes_with_a_schema_and_gives_it_to_the_topic(harness: Any, until: Any) -> None:
    target, schema = harness.topic("orders"), JsonSchema(Order)

    def publish(value: int, context: Any) -> None:
        context.publish(target, Order(number=value), schema=schema)
        context.publish(target, Order(number=value + 1), schema=JsonSchema(Order))

    harness.produce(b"1")
    running = harness.start(publish)
    until(lambda: running.status.numSuccessfullyProcessed == 1)
    consumer = harness.client.subscribe(
        target, "s", schema=JsonSchema(Order), initial_position=pulsar.InitialPosition.Earliest
    )
    assert [consumer.receive(10_000).value().number for _ in range(2)] == [1, 2]


def test_a_schema_that_is_none_is_the_functions_mistake(harness: Any, until: Any) -> None:
    harness.produce(b"1")
    running = harness.start(lambda _, context: context.publish("t", Order(number=1), schema=Order))
    until(lambda: running.status.numUserExceptions == 1)
    assert "must be an object of a pulsar.schema.Schema" in running.status.latestUserExceptions[0].exceptionString
