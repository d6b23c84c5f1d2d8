"""Functions between partitioned topics: nothing is lost, and with effectively-once nothing comes twice."""

import pytest

from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails
from tests.cases.world import DEDUPLICATED, World, admin_path

pytestmark = pytest.mark.pulsar

ECHO = "def process(x): return x"
SLOW_ECHO = """
    import time
    def process(x):
        time.sleep(0.002)
        return x
"""
PARTITIONS = 2


def numbers(first: int, end: int) -> list[bytes]:
    return [str(number).encode() for number in range(first, end)]


def partitioned(world: World, topic: str) -> None:
    path = f"persistent/{topic.partition('://')[2]}/partitions"
    world.shared.admin.put(path, json=PARTITIONS).raise_for_status()


def partitions(topic: str) -> list[str]:
    return [f"{topic}-partition-{number}" for number in range(PARTITIONS)]


def stored(world: World) -> list[str]:
    """All outputs, of all partitions."""
    return [payload for topic in partitions(world.output) for payload in world.stored(topic)]


def exactly_once(world: World) -> FunctionDetails:
    world.namespace = DEDUPLICATED
    return world.details(processingGuarantees=EFFECTIVELY_ONCE)


def test_no_input_is_acknowledged_whose_partition_of_the_output_is_closed(world: World) -> None:
    partitioned(world, world.output)
    program = world.start(ECHO)
    world.produce(*numbers(0, 20))
    world.until(lambda: len(set(stored(world))) == 20)
    world.acknowledged()
    world.shared.admin.post(f"{admin_path(partitions(world.output)[0])}/terminate").raise_for_status()
    sent = 20

    def meets_the_closed_one() -> int:
        """The client sends a burst to one partition, and the next one to another if it likes."""
        nonlocal sent
        world.produce(*numbers(sent, sent + 40))
        sent += 40
        return int(program.status.numSystemExceptions)

    world.until(meets_the_closed_one)
    assert program.stop() == 0
    assert world.backlog() + len(set(stored(world))) >= sent


def test_outputs_that_linger_on_their_way_to_partitions_hold_nobody_up(world: World) -> None:
    partitioned(world, world.output)
    world.produce(*numbers(0, 500), batch=50)
    world.start(SLOW_ECHO)
    world.acknowledged()
    assert sorted(stored(world), key=int) == [payload.decode() for payload in numbers(0, 500)]


def test_effectively_once_stores_nothing_twice_in_another_partition(world: World) -> None:
    details = exactly_once(world)
    partitioned(world, world.output)
    world.produce(*numbers(0, 300), batch=50)
    for outputs in (60, 150):
        killed = world.start(SLOW_ECHO, details)
        world.until(lambda outputs=outputs: len(stored(world)) >= outputs)
        killed.kill()
    world.start(ECHO, details)
    world.acknowledged()
    assert sorted(stored(world), key=int) == [payload.decode() for payload in numbers(0, 300)]
    assert all(world.stored(topic) for topic in partitions(world.output))


def test_effectively_once_goes_on_when_another_instance_takes_over_a_partition_of_the_input(world: World) -> None:
    details = exactly_once(world)
    partitioned(world, world.input)
    first = world.start(ECHO, details)
    for topic in partitions(world.input):
        world.ready(topic)
    world.produce(*numbers(0, 20))
    world.until(lambda: len(world.stored()) == 20)
    second = world.start(ECHO, details, instance_id=1)
    for topic in partitions(world.input):
        world.ready(topic, consumers=2)
    world.produce(*numbers(20, 60))
    world.until(lambda: second.status.numSuccessfullyProcessed)
    world.until(lambda: len(world.stored()) == 60)
    assert (first.alive, second.alive) == (True, True)
    assert sorted(world.stored(), key=int) == [payload.decode() for payload in numbers(0, 60)]
