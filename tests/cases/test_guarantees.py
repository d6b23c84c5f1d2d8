"""Acceptance cases 14 to 21: what each guarantee promises, and whose acknowledgement counts."""

import json

import pytest

from pulsemill_instance.proto.Function_pb2 import ATMOST_ONCE, EFFECTIVELY_ONCE, MANUAL, FunctionDetails
from tests.cases.program import Program
from tests.cases.world import DEDUPLICATED, World

pytestmark = pytest.mark.pulsar

ECHO = "def process(x): return x"
SLOW_ECHO = """
    import time
    def process(x):
        time.sleep(0.001)
        return x
"""
ACKNOWLEDGE = """
    class Fn:
        def process(self, x, context):
            context.ack(context.get_message_id(), %s)
            return x
"""
BY_THE_CONTEXTS_NAME = ACKNOWLEDGE % "context.get_current_message_topic_name()"


def numbers(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_case_14_at_most_once_does_not_process_twice_after_a_kill(world: World) -> None:
    details = world.details(processingGuarantees=ATMOST_ONCE)
    source = """
        import time
        def process(x):
            time.sleep(3600)
    """
    killed = world.start(source, details)
    world.produce(b"first")
    world.acknowledged()
    killed.kill()
    world.start(ECHO, details)
    world.produce(b"second")
    assert world.values(1) == ["second"]
    world.acknowledged()
    assert world.stored() == ["second"]


@pytest.mark.parametrize("partitions", [0, 2])
def test_case_14_at_most_once_processes_nothing_of_a_batch_twice(world: World, partitions: int) -> None:
    if partitions:
        path = f"persistent/{world.input.partition('://')[2]}/partitions"
        world.shared.admin.put(path, json=partitions).raise_for_status()
    source = """
        import time
        def process(x):
            if x == 3:
                time.sleep(3600)
            return x
    """
    details = world.details(processingGuarantees=ATMOST_ONCE)
    topic = f"{world.input}-partition-0" if partitions else world.input
    killed = world.start(source, details)
    world.ready(topic)
    world.produce(*numbers(10), topic=topic, batch=10)
    assert world.values(3) == ["0", "1", "2"]
    world.acknowledged(topic)
    killed.kill()
    world.start(ECHO, details)
    world.produce(b"next", topic=topic)
    assert world.values(4) == ["0", "1", "2", "next"]


def test_case_14_at_most_once_leaves_no_backlog_of_null_and_failing_results(world: World) -> None:
    source = """
        def process(x):
            if x == "fail":
                raise ValueError(x)
            return None if x == "null" else x
    """
    program = world.start(source, world.details(processingGuarantees=ATMOST_ONCE))
    world.produce(b"null", b"fail", b"fine")
    program.met(received=3, processed_successfully=2, user_exceptions=1)
    world.acknowledged()
    assert world.values(1) == ["fine"]


def test_case_15_at_least_once_loses_nothing_when_killed_midstream(world: World) -> None:
    world.produce(*numbers(5000), batch=100)
    killed = world.start(SLOW_ECHO)
    world.consume(200)
    killed.kill()
    assert len(world.stored()) < 5000
    world.start(ECHO)
    world.acknowledged()
    assert set(world.stored()) == {payload.decode() for payload in numbers(5000)}


def test_case_16_without_auto_ack_nothing_is_acknowledged(world: World) -> None:
    details = world.details()
    details.autoAck = False
    program = world.start(ECHO, details)
    world.produce(b"1", b"2", b"3")
    program.met(processed_successfully=3)
    assert sorted(world.values(3)) == ["1", "2", "3"]
    assert program.stop() == 0
    assert world.backlog() == 3


def test_case_17_manual_acknowledges_only_what_the_function_does(world: World) -> None:
    source = """
        class Fn:
            def process(self, x, context):
                if x == "done":
                    context.ack(context.get_message_id(), context.get_current_message_topic_name())
                return x
    """
    program = world.start(source, world.details(processingGuarantees=MANUAL))
    world.produce(b"keep", b"done")
    program.met(processed_successfully=2)
    world.acknowledged(left=1)
    world.produce(b"done")
    program.met(processed_successfully=3)
    assert program.stop() == 0
    assert world.backlog() == 1


def _acknowledges(world: World, program: Program, topic: str | None = None) -> None:
    world.produce(b"1", b"2", topic=topic)
    program.met(processed_successfully=2, user_exceptions=0)


def _manual(world: World, *inputs: str) -> FunctionDetails:
    return world.details(*inputs, processingGuarantees=MANUAL)


def test_case_18_ack_takes_the_name_of_an_input_with_its_full_name(world: World) -> None:
    program = world.start(BY_THE_CONTEXTS_NAME, _manual(world))
    _acknowledges(world, program)
    world.acknowledged()


def test_case_18_ack_takes_the_name_of_a_partition(world: World) -> None:
    world.shared.admin.put(f"persistent/{world.input.partition('://')[2]}/partitions", json=2).raise_for_status()
    program = world.start(BY_THE_CONTEXTS_NAME, _manual(world))
    _acknowledges(world, program)
    for partition in range(2):
        world.acknowledged(f"{world.input}-partition-{partition}")


def test_case_18_ack_takes_the_name_of_an_input_with_a_short_name(world: World) -> None:
    world.namespace = "public/default"
    short = world.input.rpartition("/")[2]
    program = world.start(BY_THE_CONTEXTS_NAME, _manual(world, short))
    _acknowledges(world, program)
    world.acknowledged()


def test_case_18_ack_takes_the_name_of_a_topic_that_a_pattern_found(world: World) -> None:
    pattern = world.topic("in.*")
    world.produce(topic=world.input)
    details = _manual(world, pattern)
    details.source.inputSpecs[pattern].isRegexPattern = True
    program = world.start(BY_THE_CONTEXTS_NAME, details)
    _acknowledges(world, program)
    world.acknowledged()


def test_case_18_ack_refuses_a_topic_that_is_no_input(world: World) -> None:
    program = world.start(ACKNOWLEDGE % "'persistent://public/default/other'", _manual(world))
    world.produce(b"1")
    program.met(user_exceptions=1)
    assert "ValueError" in program.status.latestUserExceptions[0].exceptionString


def _exactly_once(world: World) -> FunctionDetails:
    world.namespace = DEDUPLICATED
    return world.details(processingGuarantees=EFFECTIVELY_ONCE)


def test_case_19_effectively_once_sends_each_input_once(world: World) -> None:
    details = _exactly_once(world)
    world.produce(*numbers(1000))
    world.start(ECHO, details)
    world.acknowledged()
    assert world.subscribed()["type"] == "Failover"
    assert [payload.encode() for payload in world.stored()] == numbers(1000)


def test_case_20_effectively_once_loses_nothing_of_a_batch(world: World) -> None:
    details = _exactly_once(world)
    world.produce(*numbers(1000), batch=200)
    world.start(ECHO, details)
    world.acknowledged()
    assert [payload.encode() for payload in world.stored()] == numbers(1000)


def test_case_20_effectively_once_adds_nothing_when_killed(world: World) -> None:
    details = _exactly_once(world)
    world.produce(*numbers(1000), batch=200)
    for outputs in (100, 500):
        killed = world.start(SLOW_ECHO, details)
        world.consume(outputs)
        killed.kill()
    world.start(ECHO, details)
    world.acknowledged()
    assert [payload.encode() for payload in world.stored()] == numbers(1000)


def test_case_20_effectively_once_stores_nothing_behind_an_output_that_is_too_large(world: World) -> None:
    details = _exactly_once(world)
    source = """
        import random
        TOO_LARGE = random.randbytes(3_000_000).hex()
        def process(x):
            return TOO_LARGE if x == 20 else x
    """
    world.produce(*numbers(100), batch=50)
    assert world.start(source, details).ended() != 0
    world.start(ECHO, details)
    world.acknowledged()
    assert [payload.encode() for payload in world.stored()] == numbers(100)


def test_case_20_effectively_once_loses_nothing_of_overlapping_calls_when_one_fails(world: World) -> None:
    details = _exactly_once(world)
    details.userConfig = json.dumps({"tried": str(world.folder / "tried")})
    source = """
        import asyncio, pathlib
        class Fn:
            async def process(self, x, context):
                tried = pathlib.Path(context.get_user_config_value("tried"))
                if x == 20 and not tried.exists():
                    tried.touch()
                    raise ValueError(x)
                await asyncio.sleep(0.001 * (x % 3))
                return x
    """
    world.produce(*numbers(100), batch=50)
    assert world.start(source, details).ended() != 0
    world.start(source, details)
    world.acknowledged()
    assert [payload.encode() for payload in world.stored()] == numbers(100)


def test_case_21_effectively_once_with_two_inputs_does_not_start(world: World) -> None:
    details = world.details(world.topic("a"), world.topic("b"), processingGuarantees=EFFECTIVELY_ONCE)
    program = world.start(ECHO, details)
    assert program.ended() == 1
    assert "EFFECTIVELY_ONCE" in program.output


def test_case_21_effectively_once_without_output_does_not_start(world: World) -> None:
    details = world.details(processingGuarantees=EFFECTIVELY_ONCE)
    details.sink.topic = ""
    program = world.start(ECHO, details)
    assert program.ended() == 1
    assert "EFFECTIVELY_ONCE" in program.output
