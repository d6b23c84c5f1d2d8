"""Acceptance cases 29 to 31: producers' settings, forwarded properties, and publishing by oneself."""

from typing import Any

import pytest

from pulsemill_instance.proto.Function_pb2 import NONE, ZSTD, ProducerSpec, SinkSpec
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

REPEAT = "def process(x): return 'x' * 100_000"
BOTH = """
    class Fn:
        def process(self, x, context):
            context.publish(context.get_user_config_value("side"), x)
            return x
"""


def _stored_bytes(world: World, compression: Any) -> int:
    spec = ProducerSpec(compressionType=compression, batchBuilder="KEY_BASED")
    world.start(REPEAT, world.details(sink=SinkSpec(producerSpec=spec)))
    world.produce(b"1")
    assert world.values(1) == ["x" * 100_000]
    return int(world.stats(world.output)["bytesInCounter"])


def test_case_29_compression_none_leaves_outputs_as_they_are(world: World) -> None:
    assert _stored_bytes(world, NONE) > 100_000


def test_case_29_compression_zstd_makes_outputs_small(world: World) -> None:
    assert _stored_bytes(world, ZSTD) < 10_000


def _places(world: World, **options: Any) -> dict[str, set[int]]:
    """The places of messages in their batches, -1 without one, of both producers."""
    side = world.topic("side")
    world.produce(*(str(number).encode() for number in range(200)), batch=100)
    world.start(BOTH, world.details(userConfig=f'{{"side": "{side}"}}', **options.pop("fields")), **options)
    stored = {name: world.consume(200, topic) for name, topic in (("output", world.output), ("side", side))}
    return {name: {message.message_id().batch_index() for message in stored[name]} for name in stored}


def test_case_29_as_many_outputs_wait_as_are_allowed_to(world: World) -> None:
    spec = ProducerSpec(maxPendingMessages=3)
    places = _places(world, fields={"sink": SinkSpec(producerSpec=spec)})
    assert max(places["output"]) < 3
    assert max(places["side"]) < 3


def test_case_29_batching_can_be_switched_off(world: World) -> None:
    off = {"sink": {"producerSpec": {"batchingSpec": {"enabled": False}}}}
    places = _places(world, fields={}, extra_fields=off)
    assert places == {"output": {-1}, "side": {-1}}


def _properties(world: World, *, forward: bool) -> dict[str, str]:
    world.start("def process(x): return x", world.details(sink=SinkSpec(forwardSourceMessageProperty=forward)))
    world.produce(b"x", properties={"user": "u", "__pfn_input_topic__": "forged"})
    (message,) = world.consume(1)
    assert message.properties()["__pfn_input_topic__"] == world.input
    return {name: value for name, value in message.properties().items() if not name.startswith("__pfn_")}


def test_case_30_properties_are_forwarded_when_asked(world: World) -> None:
    assert _properties(world, forward=True) == {"user": "u"}


def test_case_30_properties_are_not_forwarded_otherwise(world: World) -> None:
    assert _properties(world, forward=False) == {}


PUBLISH = """
    class Fn:
        def process(self, x, context):
            def told(result, message_id):
                context.get_logger().info("told %%s %%s", result, type(message_id).__name__)
                %s
            options = {"partition_key": "k", "properties": {"p": "1"}, "event_timestamp": 77}
            context.publish(context.get_user_config_value("side"), x, callback=told, message_conf=options)
            return x
"""


def test_case_31_publish_sets_key_properties_and_event_time_and_calls_back(world: World) -> None:
    side = world.topic("side")
    program = world.start(PUBLISH % "pass", world.details(userConfig=f'{{"side": "{side}"}}'))
    world.produce(b"text")
    (message,) = world.consume(1, side)
    assert message.data() == b"text"
    assert (message.partition_key(), message.properties(), message.event_timestamp()) == ("k", {"p": "1"}, 77)
    world.until(lambda: "told Ok MessageId" in program.log or "told Result.Ok MessageId" in program.log)


def test_case_31_a_raising_callback_does_not_stop_the_instance(world: World) -> None:
    side = world.topic("side")
    program = world.start(PUBLISH % "raise RuntimeError(x)", world.details(userConfig=f'{{"side": "{side}"}}'))
    world.produce(b"1")
    world.consume(1, side)
    world.until(lambda: "told" in program.log)
    world.produce(b"2", b"3")
    assert world.values(3) == ["1", "2", "3"]
    assert program.alive


@pytest.mark.parametrize("schema", ["", "string"])
def test_outputs_that_linger_while_a_call_computes_hold_nobody_up(world: World, schema: str) -> None:
    source = """
        import time
        def process(x):
            end = time.perf_counter() + (0.011 if x == "compute" else 0)  # longer than outputs linger
            while time.perf_counter() < end:
                pass
            return x if x == "quick" else None
    """
    details = world.details()
    details.sink.schemaType = schema
    world.produce(*[b"quick", b"compute"] * 100, batch=200)
    world.start(source, details)
    world.acknowledged()
    assert world.stored() == ["quick"] * 100
