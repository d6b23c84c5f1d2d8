"""Windows in event time: the order in them, when they end, what comes too late, what is acknowledged."""

import json
from typing import Any

import pytest

from pulsemill_instance.proto.Function_pb2 import MANUAL, FunctionDetails
from pulsemill_instance.windowing.alignment import HELD_MESSAGES
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

SOURCE = """
    class Fn:
        def process(self, values, context):
            return "+".join(map(str, values))
    class Times:
        def extract_timestamp(self, value):
            return value
"""
LAG = 50
# Each comes at most LAG later than what is later than it; the last one is after all windows of the others.
OUT_OF_ORDER = (10, 30, 20, 60, 40, 110, 90, 150, 1000)


def windowed(world: World, *inputs: str, **config: Any) -> FunctionDetails:
    windows = {
        "actualWindowFunctionClassName": "userfn.Fn",
        "timestampExtractorClassName": "userfn.Times",
        "watermarkEmitIntervalMs": 10,
        "maxLagMs": LAG,
        "processingGuarantees": "ATLEAST_ONCE",
        **config,
    }
    return world.details(*inputs, processingGuarantees=MANUAL, userConfig=json.dumps({"__WINDOWCONFIGS__": windows}))


def numbers(*values: int) -> list[bytes]:
    return [str(value).encode() for value in values]


@pytest.mark.parametrize(
    ("config", "windows", "left"),
    [
        ({"windowLengthDurationMs": 50}, ["10+20+30+40", "60+90", "110+150"], 1),
        (
            {"windowLengthDurationMs": 100, "slidingIntervalDurationMs": 50},
            ["10+20+30+40", "10+20+30+40+60+90", "60+90+110+150", "110+150"],
            1,
        ),
        ({"windowLengthCount": 3}, ["10+20+30", "40+60+90"], 3),
        (
            {"windowLengthCount": 4, "slidingIntervalCount": 2},
            ["10+20", "10+20+30+40", "30+40+60+90", "60+90+110+150"],
            3,
        ),
    ],
    ids=["tumbling time", "sliding time", "tumbling count", "sliding count"],
)
def test_messages_are_in_the_order_of_event_time_and_acknowledged_when_no_later_window_holds_them(
    world: World, config: dict[str, int], windows: list[str], left: int
) -> None:
    world.start(SOURCE, windowed(world, **config))
    world.produce(*numbers(*OUT_OF_ORDER))
    assert world.values(len(windows)) == windows
    world.acknowledged(left=left)
    assert world.stored() == windows


def test_a_messages_own_event_time_counts_when_asked(world: World) -> None:
    world.start(SOURCE, windowed(world, windowLengthDurationMs=100, timestampExtractorClassName="EventTime"))
    for name, time in (("b", 1100), ("a", 1060), ("c", 1160), ("end", 5000)):
        world.produce(name.encode(), event_timestamp=time)
    assert world.values(2) == ["a+b", "c"]
    world.acknowledged(left=1)


def test_what_comes_too_late_goes_to_the_late_data_topic_as_it_is(world: World) -> None:
    late = world.topic("late")
    world.start(SOURCE, windowed(world, windowLengthDurationMs=100, lateDataTopic=late))
    world.produce(*numbers(70, 1000))
    assert world.values(1) == ["70"]
    world.acknowledged(left=1)
    options = {"partition_key": "k", "event_timestamp": 80, "properties": {"p": "1"}}
    world.produce(b"80", **options)
    (message,) = world.consume(1, late)
    assert (message.data(), message.partition_key(), message.event_timestamp()) == (b"80", "k", 80)
    assert message.properties() == {"p": "1"}
    world.acknowledged(left=1)


def test_what_comes_too_late_is_logged_and_acknowledged_without_a_late_data_topic(world: World) -> None:
    program = world.start(SOURCE, windowed(world, windowLengthDurationMs=100))
    world.produce(*numbers(70, 1000))
    assert world.values(1) == ["70"]
    world.produce(b"80")
    world.until(lambda: "came too late for any window" in program.log)
    world.acknowledged(left=1)


def test_windows_end_with_the_slowest_input(world: World) -> None:
    first, second = world.topic("in"), world.topic("other")
    program = world.start(SOURCE, windowed(world, first, second, windowLengthDurationMs=100))
    world.produce(*numbers(10, 1000), topic=first)
    program.met(received=2)
    world.produce(*numbers(20, 120), topic=second)
    program.met(received=4)
    assert world.stored() == []
    world.produce(*numbers(160), topic=second)
    assert world.values(1) == ["10+20"]
    world.acknowledged(first, left=1)
    world.acknowledged(second, left=2)


@pytest.mark.parametrize("batch", [1, 50])
def test_every_input_is_in_a_stored_window_though_the_instance_is_killed(world: World, batch: int) -> None:
    kills, count = 2, 200
    details = windowed(world, windowLengthDurationMs=10)

    def in_windows() -> set[int]:
        return {int(number) for window in world.stored() for number in window.split("+")}

    for kill in range(kills):
        running, before = world.start(SOURCE, details), in_windows()
        world.produce(*numbers(*range(1 + kill * count, 1 + (kill + 1) * count)), batch=batch)
        world.until(lambda before=before: in_windows() > before)
        running.kill()
    world.start(SOURCE, details)
    world.produce(*numbers(kills * count + 1000))
    world.until(lambda: in_windows() >= set(range(1, 1 + kills * count)))


def test_at_most_once_acknowledges_at_once_and_takes_nothing_again_after_a_kill(world: World) -> None:
    details = windowed(world, windowLengthDurationMs=100, processingGuarantees="ATMOST_ONCE")
    killed = world.start(SOURCE, details)
    world.produce(*numbers(10, 60, 1000))
    assert world.values(1) == ["10+60"]
    world.acknowledged()
    killed.kill()
    world.start(SOURCE, details)
    world.produce(*numbers(20, 2000))
    assert world.values(2) == ["10+60", "20"]
    world.acknowledged()


def test_an_input_that_is_far_ahead_of_a_silent_one_waits_for_it(world: World) -> None:
    loud, silent = world.topic("in"), world.topic("silent")
    details = windowed(world, loud, silent, windowLengthDurationMs=1000, processingGuarantees="ATMOST_ONCE")
    world.produce(*numbers(*range(1, 60_001)), topic=loud, batch=1000)
    program = world.start(SOURCE, details)
    world.until(lambda: "it is not read until they come" in program.log)
    received = program.status.numReceived
    assert HELD_MESSAGES <= received < HELD_MESSAGES + 2000
    world.produce(*numbers(1_000_000), topic=silent)
    windows = [window.split("+") for window in world.values(59)]
    assert [int(number) for window in windows for number in window] == list(range(1, 59_001))
    program.met(received=60_001)
