"""Triggering a function."""

from typing import Any

import pytest

from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest import trigger as trigger_route
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus

INSTANCE = InstanceName(FunctionName("public", "default", "exclaim"), 0)


@pytest.fixture(autouse=True)
def running(world: Any, monkeypatch: pytest.MonkeyPatch) -> FunctionStatus:
    """The status of the only instance; tests that wait for it do not wait long."""
    monkeypatch.setattr(trigger_route, "READY_SECONDS", 0.05)
    monkeypatch.setattr(trigger_route, "POLL_SECONDS", 0.001)
    metadata = FunctionMetaData()
    metadata.functionDetails.tenant, metadata.functionDetails.namespace = "public", "default"
    metadata.functionDetails.name = "exclaim"
    world.instances.assign(metadata, 0)
    status = FunctionStatus(running=True)
    world.instances.statuses[INSTANCE] = status
    return status


async def trigger(world: Any, **parts: Any) -> Any:
    return await world.client.post(f"{world.url}/trigger", files=parts)


async def test_answers_the_output_as_it_is(world: Any) -> None:
    await world.register()
    response = await trigger(world, data=(None, "hello"))
    assert (response.status_code, response.content) == (200, b"out")
    assert response.headers["content-type"] == "application/json"
    assert world.broker.triggered == [("in", b"hello")]


async def test_a_stream_is_sent_whole(world: Any) -> None:
    await world.register()
    data = bytes(range(256)) * 100
    assert (await trigger(world, dataStream=("data.bin", data))).status_code == 200
    assert world.broker.triggered == [("in", data)]


async def test_without_output(world: Any) -> None:
    await world.register()
    world.broker.output = None
    response = await trigger(world, data=(None, "hello"))
    assert (response.status_code, response.content) == (204, b"")


async def test_time_out(world: Any) -> None:
    await world.register()
    world.broker.output = TimeoutError()
    response = await trigger(world, data=(None, "hello"))
    assert (response.status_code, response.json()) == (408, {"reason": "Request Timed Out"})


async def test_a_topic_of_several(world: Any) -> None:
    await world.register(inputs=["a", "b"])
    await trigger(world, data=(None, "x"), topic=(None, "b"))
    assert world.broker.triggered == [("b", b"x")]


@pytest.mark.parametrize(
    ("inputs", "parts", "reason"),
    [
        (["a", "b"], {"data": (None, "x")}, "Function in trigger function has more than 1 input topics"),
        (
            ["a"],
            {"data": (None, "x"), "topic": (None, "c")},
            "Function in trigger function has unidentified topic",
        ),
        (["a"], {"topic": (None, "a")}, "Trigger Data is not provided"),
        (["a", "b"], {"topic": (None, "c")}, "Trigger Data is not provided"),
    ],
)
async def test_refuses(world: Any, inputs: list[str], parts: dict[str, Any], reason: str) -> None:
    await world.register(inputs=inputs)
    response = await trigger(world, **parts)
    assert (response.status_code, response.json()) == (400, {"reason": reason})


async def test_input_that_nobody_would_read_is_not_sent(world: Any, running: FunctionStatus) -> None:
    await world.register()
    running.running = False
    response = await trigger(world, data=(None, "x"))
    reason = "Function in trigger function is not ready"
    assert (response.status_code, response.json(), world.broker.triggered) == (400, {"reason": reason}, [])


async def test_an_instance_of_another_worker_is_taken_to_run(world: Any) -> None:
    await world.register()
    world.instances.statuses[INSTANCE] = OwnedElsewhereError(WorkerInfo("w2", "host-2", 6750))
    assert (await trigger(world, data=(None, "x"))).content == b"out"


async def test_unknown_function(world: Any) -> None:
    response = await trigger(world, data=(None, "x"))
    assert (response.status_code, response.json()) == (404, {"reason": "Function exclaim doesn't exist"})
