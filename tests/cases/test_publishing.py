"""What a function publishes by itself and how its messages are batched; asking for a message again."""

import json
import time
from collections import defaultdict
from contextlib import closing
from typing import Any

import pulsar
import pytest
from pulsar.schema import AvroSchema, Integer, JsonSchema, Record, Schema, String, StringSchema

from pulsemill_instance.proto.Function_pb2 import MANUAL
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

READ_MS = 20_000
PUBLISH = """
    from pulsar.schema import AvroSchema, Integer, JsonSchema, Record, String, StringSchema

    class Person(Record):
        name = String()
        age = Integer()

    class Fn:
        def process(self, x, context):
            schema = eval(context.get_user_config_value("schema"))
            value = x if isinstance(schema, StringSchema) else Person(name=x, age=3)
            context.publish(context.get_user_config_value("side"), value, schema=schema)
"""


class Person(Record):  # type: ignore[misc]  # the client ships no types
    """As in PUBLISH."""

    name = String()
    age = Integer()


def config(**values: Any) -> str:
    return json.dumps(values)


@pytest.mark.parametrize(
    ("schema", "text", "kind"),
    [
        (JsonSchema(Person), "JsonSchema(Person)", "JSON"),
        (AvroSchema(Person), "AvroSchema(Person)", "AVRO"),
        (StringSchema(), "StringSchema()", "STRING"),
    ],
    ids=["json", "avro", "string"],
)
def test_what_is_published_with_a_schema_is_read_with_it_and_its_topic_has_it(
    world: World, schema: Schema, text: str, kind: str
) -> None:
    side = world.topic("side")
    world.start(PUBLISH, world.details(userConfig=config(side=side, schema=text)))
    world.produce(b"Ann", b"Bob")
    world.acknowledged()
    registered = world.shared.admin.get(f"schemas/{side.partition('://')[2]}/schema").raise_for_status().json()
    assert registered["type"] == kind
    with closing(world.shared.client.create_reader(side, pulsar.MessageId.earliest, schema=schema)) as reader:
        values = [reader.read_next(READ_MS).value() for _ in range(2)]
    assert [value if kind == "STRING" else value.name for value in values] == ["Ann", "Bob"]


def test_a_message_that_its_topics_schema_forbids_is_told_and_nothing_else_is_held_up(world: World) -> None:
    side = world.topic("side")
    path = f"schemas/{side.partition('://')[2]}/schema"
    world.shared.admin.post(path, json={"type": "INT32", "schema": "", "properties": {}}).raise_for_status()
    program = world.start(PUBLISH, world.details(userConfig=config(side=side, schema="JsonSchema(Person)")))
    world.produce(b"Ann")
    world.until(lambda: program.status.numUserExceptions)
    assert "IncompatibleSchema" in program.status.latestUserExceptions[0].exceptionString
    assert world.backlog() == 1


def test_a_message_comes_again_after_the_configured_delay_when_the_function_asks_for_it(world: World) -> None:
    source = """
        class Fn:
            asked = False
            def process(self, x, context):
                own = context.get_message_id(), context.get_current_message_topic_name()
                if self.asked:
                    context.ack(*own)
                    return x
                self.asked = True
                context.nack(*own)
    """
    details = world.details(processingGuarantees=MANUAL)
    details.source.negativeAckRedeliveryDelayMs = 1000
    program = world.start(source, details)
    world.produce(b"again")
    began = time.monotonic()
    assert world.values(1) == ["again"]
    assert time.monotonic() - began >= 0.9
    world.acknowledged()
    program.met(received=2, processed_successfully=2)


BATCHED = """
    class Fn:
        def process(self, x, context):
            options = {"partition_key": f"k{x % 4}"}
            context.publish(context.get_user_config_value("side"), x, message_conf=options)
            return x
"""
COUNT = 400


def batches(world: World, topic: str, count: int = COUNT) -> list[list[Any]]:
    """The messages of a topic by their batches."""
    found = defaultdict(list)
    for message in world.consume(count, topic):
        found[message.message_id().ledger_id(), message.message_id().entry_id()].append(message)
    return list(found.values())


def run_batched(world: World, producer: dict[str, Any]) -> str:
    side = world.topic("side")
    world.produce(*(str(number).encode() for number in range(COUNT)), batch=COUNT)
    extra = {"sink": {"producerSpec": producer}}
    world.start(BATCHED, world.details(userConfig=config(side=side)), extra_fields=extra)
    return side


@pytest.mark.parametrize("place", ["batchBuilder", "batchingSpec"])
def test_batches_by_key_have_one_key_each_so_that_key_shared_keeps_their_order(world: World, place: str) -> None:
    by_key = {"batchBuilder": "KEY_BASED"}
    side = world.topic("side")
    kinds = {"consumer_type": pulsar.ConsumerType.KeyShared, "initial_position": pulsar.InitialPosition.Earliest}
    consumers = [world.shared.client.subscribe(side, "keys", **kinds) for _ in range(2)]
    run_batched(world, by_key if place == "batchBuilder" else {"batchingSpec": {"enabled": True, **by_key}})
    found = batches(world, side)
    assert all(len({message.partition_key() for message in batch}) == 1 for batch in found)
    assert any(len(batch) > 1 for batch in found)
    seen: dict[str, list[tuple[int, int]]] = defaultdict(list)
    left = COUNT
    while left:
        for number, consumer in enumerate(consumers):
            for message in consumer.batch_receive():
                seen[message.partition_key()].append((number, int(message.data())))
                left -= 1
    for key, numbers in seen.items():
        assert len({consumer for consumer, _ in numbers}) == 1
        assert [number for _, number in numbers] == list(range(int(key[1:]), COUNT, 4))
    for consumer in consumers:
        consumer.close()


def test_batches_are_no_larger_than_their_settings_allow(world: World) -> None:
    side = run_batched(world, {"batchingSpec": {"enabled": True, "batchingMaxMessages": 5}})
    for topic in (side, world.output):
        assert max(len(batch) for batch in batches(world, topic)) == 5


def test_batches_have_no_more_bytes_than_their_settings_allow(world: World) -> None:
    side = run_batched(world, {"batchingSpec": {"enabled": True, "batchingMaxBytes": 100}})
    for topic in (side, world.output):
        sizes = [sum(len(message.data()) for message in batch) for batch in batches(world, topic)]
        assert 50 < max(sizes) <= 100
