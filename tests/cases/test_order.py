"""Acceptance cases 22 and 23: functions that keep the order of their inputs."""

from collections import defaultdict

import pytest

from tests.cases.world import World

pytestmark = pytest.mark.pulsar

ECHO = "def process(x): return x"


def test_case_22_retain_ordering_keeps_the_order_of_all_outputs(world: World) -> None:
    payloads = [str(number) for number in range(10_000)]
    world.produce(*(payload.encode() for payload in payloads), batch=100)
    world.start(ECHO, world.details(retainOrdering=True))
    assert world.values(10_000) == payloads
    assert world.subscribed()["type"] == "Failover"


def test_case_23_retain_key_ordering_keeps_the_order_of_each_key(world: World) -> None:
    details = world.details(retainKeyOrdering=True)
    source = """
        class Fn:
            def process(self, x, context):
                return f"{context.get_message_key()} {x} {context.get_instance_id()}"
    """
    for instance_id in (0, 1):
        world.start(source, details, instance_id=instance_id)
    world.ready(consumers=2)
    assert world.subscribed()["type"] == "Key_Shared"
    keys = [f"key{number}" for number in range(10)]
    for key in keys:
        world.produce(*(str(number).encode() for number in range(50)), partition_key=key)
    seen, instances = defaultdict(list), set()
    for value in world.values(500):
        key, number, instance = value.split()
        seen[key].append(int(number))
        instances.add(instance)
    assert seen == {key: list(range(50)) for key in keys}
    assert instances == {"0", "1"}
