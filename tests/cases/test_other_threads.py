"""A context in other threads and tasks than the call's own, also after the call: it stays its message's."""

import json
from contextlib import closing

import pytest

from pulsemill_instance.proto.Function_pb2 import (
    ATLEAST_ONCE,
    EFFECTIVELY_ONCE,
    MANUAL,
    FunctionDetails,
    ProcessingGuarantees,
)
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.state.function_state import open_state
from tests.cases.world import DEDUPLICATED, World

pytestmark = pytest.mark.pulsar

COUNT = 100
LATER = """
def use(x, context):
    context.incr_counter("calls", 1)
    context.put_state(f"id of {x}", str(context.get_message_id()))
    context.record_metric("later", 1)
    if context.get_user_config_value("ack"):
        context.ack(context.get_message_id(), context.get_current_message_topic_name())
    context.publish(context.get_user_config_value("side"), f"{x} {context.get_message_id()}")
"""
THREADS = """
import threading, time
class Fn:
    def process(self, x, context):
        threading.Thread(target=self.later, args=(x, context)).start()
        return x
    def later(self, x, context):
        time.sleep(0.02)  # further messages are processed meanwhile
        use(x, context)
"""
TASKS = """
import asyncio
tasks = set()
class Fn:
    async def process(self, x, context):
        tasks.add(asyncio.create_task(self.later(x, context)))
        return x
    async def later(self, x, context):
        await asyncio.sleep(0.02)
        use(x, context)
"""
GUARANTEES = {"at least once": ATLEAST_ONCE, "effectively once": EFFECTIVELY_ONCE, "manual": MANUAL}


def details(world: World, guarantee: ProcessingGuarantees) -> FunctionDetails:
    world.namespace = DEDUPLICATED
    config = {"side": world.topic("side"), "ack": guarantee == MANUAL}
    return world.details(processingGuarantees=guarantee, userConfig=json.dumps(config))


@pytest.mark.parametrize("source", [THREADS, TASKS], ids=["thread", "task"])
@pytest.mark.parametrize("guarantee", GUARANTEES.values(), ids=GUARANTEES)
def test_it_publishes_counts_and_acknowledges_for_its_own_message(
    world: World, source: str, guarantee: ProcessingGuarantees
) -> None:
    function, url = details(world, guarantee), world.shared.broker.state_storage_service_url
    program = world.start(LATER + source, function, state_storage_url=url)
    payloads = [str(number) for number in range(COUNT)]
    ids = dict(zip(payloads, world.produce(*(payload.encode() for payload in payloads), batch=10), strict=True))
    assert world.values(COUNT) == payloads
    assert sorted(world.values(COUNT, world.topic("side"))) == sorted(f"{x} {ids[x]}" for x in payloads)
    world.acknowledged()
    program.met(received=COUNT, processed_successfully=COUNT, user_exceptions=0, system_exceptions=0)
    with closing(open_state(InstanceSpec(function, 0, "id", "1", "standalone", url))) as state:
        assert state.get_counter("calls") == COUNT
        assert [state.get_state(f"id of {x}") for x in payloads] == [str(ids[x]).encode() for x in payloads]
    assert program.stop() == 0
