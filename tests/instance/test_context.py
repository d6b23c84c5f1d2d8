"""The parts of the context that need no broker."""

import logging
from typing import Any

import attrs
import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.context import FunctionContext
from pulsemill_instance.context_services import ContextServices
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.instance import InstanceSpec
from pulsemill_instance.patterns import TopicPattern
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.state.function_state import open_state
from pulsemill_instance.stats import Stats


@attrs.define(eq=False)
class Consumer:
    """Remembers what was acknowledged."""

    acknowledged: list[Any] = attrs.field(factory=list)
    refused: list[Any] = attrs.field(factory=list)

    def acknowledge(self, message_id: Any) -> None:
        self.acknowledged.append(message_id)

    def negative_acknowledge(self, message_id: Any) -> None:
        self.refused.append(message_id)


@attrs.frozen
class Message:
    """A message of a topic."""

    topic: str

    def topic_name(self) -> str:
        return self.topic

    def message_id(self) -> str:
        return "its id"


def make_input(topic: str, *, is_regex: bool = False) -> Input:
    consumer = Consumer()
    return Input(topic, TopicPattern.parse(topic) if is_regex else None, consumer, consumer, lambda message: message)


def services(inputs: list[Input], **details: Any) -> ContextServices:
    spec = InstanceSpec(FunctionDetails(**details), 0, "id", "1", "standalone")
    unused: Any = None
    return ContextServices(spec, unused, logging.getLogger(), unused, Stats(), unused, open_state(spec), inputs)


def test_ack_and_nack_go_to_the_input_that_delivers_the_topic() -> None:
    first, second = make_input("first"), make_input("second")
    message: Any = Message("persistent://public/default/first")
    context = FunctionContext(services([first, second]), first, message)
    context.ack("id 1", "persistent://public/default/second-partition-4")
    context.nack("id 2", "persistent://public/default/first")
    assert second.consumer.acknowledged == ["id 1"]
    assert first.consumer.refused == ["id 2"]


def test_a_nack_of_the_current_message_counts_as_its_failure() -> None:
    given_up: list[Any] = []
    source = make_input("first")
    source.give_up_soon = lambda of, message: given_up.append((of, message))
    message: Any = Message("persistent://public/default/first")
    context = FunctionContext(services([source]), source, message)
    context.nack(context.get_message_id(), context.get_current_message_topic_name())
    assert (given_up, source.consumer.refused) == ([(source, message)], [])
    context.nack("another's id", context.get_current_message_topic_name())
    assert source.consumer.refused == ["another's id"]


def test_a_message_of_overlapping_patterns_is_acknowledged_where_it_came_from() -> None:
    topic = "persistent://public/default/ab"
    broad, narrow = make_input("public/default/a.*", is_regex=True), make_input(topic)
    message: Any = Message(topic)
    context = FunctionContext(services([broad, narrow]), narrow, message)
    context.ack("id", topic)
    assert (broad.consumer.acknowledged, narrow.consumer.acknowledged) == ([], ["id"])


@pytest.mark.parametrize("field", ["userConfig", "secretsMap"])
@pytest.mark.parametrize("text", ['{"password": "hush"', '["hush"]', '"hush"'])
def test_damaged_maps_are_an_error_that_does_not_show_them(field: str, text: str) -> None:
    with pytest.raises(InstanceError, match=field) as refused:
        services([], **{field: text})
    assert "hush" not in str(refused.value)
    assert refused.value.__context__ is None
