"""Functions with windows, which upstream has for Java only, killed in the middle."""

import json

import pytest

from pulsemill_instance.proto.Function_pb2 import MANUAL, FunctionDetails
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

COUNT, KILLS, LENGTH = 200, 3, 10
SOURCE = """
    import time
    def process(values):
        time.sleep(0.005)
        return "+".join(map(str, values))
"""


def numbers(first: int, end: int) -> list[bytes]:
    return [str(number).encode() for number in range(first, end)]


def windowed(world: World, **config: int) -> FunctionDetails:
    windows = {"actualWindowFunctionClassName": "userfn", "processingGuarantees": "ATLEAST_ONCE", **config}
    # The worker hands windowed functions over with MANUAL, as upstream's does: the windows' own guarantee counts.
    return world.details(processingGuarantees=MANUAL, userConfig=json.dumps({"__WINDOWCONFIGS__": windows}))


def in_windows(world: World) -> set[int]:
    """The numbers that are in a window whose output is stored."""
    return {int(number) for window in world.stored() for number in window.split("+")}


@pytest.mark.parametrize(
    "config",
    [
        {"windowLengthCount": LENGTH},
        {"windowLengthCount": LENGTH, "slidingIntervalCount": 5},
        {"windowLengthDurationMs": 50},
        {"windowLengthDurationMs": 100, "slidingIntervalDurationMs": 50},
    ],
    ids=["tumbling count", "sliding count", "tumbling time", "sliding time"],
)
@pytest.mark.parametrize("batch", [1, 50])
def test_every_input_is_in_a_stored_window_whenever_the_instance_is_killed(
    world: World, config: dict[str, int], batch: int
) -> None:
    details = windowed(world, **config)
    for kill in range(KILLS):
        running, before = world.start(SOURCE, details), in_windows(world)
        world.produce(*numbers(kill * COUNT, (kill + 1) * COUNT), batch=batch)
        world.until(lambda before=before: in_windows(world) > before)
        running.kill()
    world.start(SOURCE, details)
    world.produce(*numbers(KILLS * COUNT, KILLS * COUNT + LENGTH))  # which ends the window of the last ones
    world.until(lambda: in_windows(world) >= set(range(KILLS * COUNT)))


def test_at_most_once_puts_nothing_of_a_batch_into_windows_again_after_a_kill(world: World) -> None:
    details = windowed(world, windowLengthCount=5)
    details.userConfig = details.userConfig.replace("ATLEAST_ONCE", "ATMOST_ONCE")
    world.produce(*numbers(0, 10), batch=10)
    source = """
        import time
        def process(values):
            if 9 in values:
                time.sleep(3600)
            return "+".join(map(str, values))
    """
    killed = world.start(source, details)
    world.consume(1)
    world.acknowledged()
    killed.kill()
    world.start(source, details)
    world.produce(*numbers(10, 15))
    assert world.values(2) == ["0+1+2+3+4", "10+11+12+13+14"]
