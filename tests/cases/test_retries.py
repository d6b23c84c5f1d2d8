"""Messages that keep failing: how often they come again, where they end, and what happens to those behind them."""

import pytest

from pulsemill_instance.proto.Function_pb2 import FunctionDetails, RetryDetails
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

SOURCE = """
    class Fn:
        def process(self, x, context):
            if str(x).startswith("bad"):
                raise ValueError(x)
            return x
"""


def retrying(world: World, *inputs: str, retries: int, dead: str = "") -> FunctionDetails:
    limit = RetryDetails(maxMessageRetries=retries, deadLetterTopic=dead)
    details = world.details(*inputs, retryDetails=limit)
    details.source.negativeAckRedeliveryDelayMs = 200
    return details


def unnamed(world: World, topic: str) -> str:
    """The dead-letter topic of an input that has none by name."""
    return f"{topic}-public-default-{world.name}-DLQ"


@pytest.mark.parametrize("named", [True, False])
def test_without_retries_the_first_failure_is_the_last(world: World, named: bool) -> None:
    dead = world.topic("dead") if named else unnamed(world, world.input)
    program = world.start(SOURCE, retrying(world, retries=0, dead=dead if named else ""))
    world.produce(b"bad", b"good", partition_key="k", properties={"p": "1"}, event_timestamp=7)
    (message,) = world.consume(1, dead)
    assert (message.data(), message.partition_key(), message.event_timestamp()) == (b"bad", "k", 7)
    assert message.properties()["p"] == "1"
    assert message.properties()["REAL_TOPIC"] == world.input
    assert world.values(1) == ["good"]
    world.acknowledged()
    program.met(received=2, processed_successfully=1, user_exceptions=1)


def test_in_order_a_message_is_tried_again_before_the_next_one(world: World) -> None:
    dead = world.topic("dead")
    details = retrying(world, retries=2, dead=dead)
    details.retainOrdering = True
    program = world.start(SOURCE, details)
    world.produce(*(str(number).encode() if number % 3 else f"bad{number}".encode() for number in range(12)), batch=4)
    assert world.values(8) == [str(number) for number in range(12) if number % 3]
    assert world.values(4, dead) == ["bad0", "bad3", "bad6", "bad9"]
    world.acknowledged()
    assert program.log.count("Attempt 1 of 3 failed") == 4
    assert program.log.count("Attempt 2 of 3 failed") == 4


@pytest.mark.parametrize(
    ("dead", "ordered"), [("in-dead", False), ("", False), ("", True)], ids=["named", "unnamed", "unnamed in order"]
)
def test_dead_letters_of_a_pattern_are_no_inputs_of_it(world: World, dead: str, ordered: bool) -> None:
    pattern, first, second, later = (world.topic(name) for name in ("in-.*", "in-a", "in-b", "in-later"))
    for topic in (first, second):
        world.produce(topic=topic)
    details = retrying(world, pattern, retries=1, dead=world.topic(dead) if dead else "")
    details.retainOrdering = ordered
    details.source.inputSpecs[pattern].isRegexPattern = True
    details.source.inputSpecs[pattern].consumerProperties["patternAutoDiscoveryPeriod"] = "1"
    world.start(SOURCE, details)
    for topic in (first, second):
        world.produce(b"bad", b"good", topic=topic)
    letters = [world.topic(dead)] if dead else [unnamed(world, topic) for topic in (first, second)]
    assert [value for topic in letters for value in world.values(2 // len(letters), topic)] == ["bad", "bad"]
    world.produce(b"good", topic=later)  # once it is found, so could have been what came before it
    assert world.values(3) == ["good", "good", "good"]
    for topic in (first, second, later):
        world.acknowledged(topic)
    assert [world.stats(topic)["subscriptions"] for topic in letters] == [{}] * len(letters)
