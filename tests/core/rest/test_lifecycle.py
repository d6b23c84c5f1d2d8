"""Start, stop and restart."""

from typing import Any

import pytest

from pulsemill.instance_ids import MOST_INSTANCES
from pulsemill.names import FunctionName, InstanceName
from pulsemill_instance.proto.Function_pb2 import FunctionState

NAME = FunctionName("public", "default", "exclaim")
RUNNING, STOPPED = FunctionState.RUNNING, FunctionState.STOPPED
NOT_PERMITTED = {"reason": "Operation not permitted"}


async def post(world: Any, action: str) -> Any:
    return await world.client.post(f"{world.url}/{action}")


async def test_stop_stores_a_state_for_every_instance(world: Any) -> None:
    await world.register(parallelism=2)
    response = await post(world, "stop")
    assert (response.status_code, response.content) == (204, b"")
    assert dict(world.stored().instanceStates) == {0: STOPPED, 1: STOPPED}
    assert world.stored().version == 1


async def test_stop_of_one_leaves_the_others_running(world: Any) -> None:
    await world.register(parallelism=3)
    assert (await post(world, "1/stop")).status_code == 204
    assert dict(world.stored().instanceStates) == {0: RUNNING, 1: STOPPED, 2: RUNNING}


async def test_start_again(world: Any) -> None:
    await world.register(parallelism=2)
    await post(world, "stop")
    assert (await post(world, "0/start")).status_code == 204
    assert dict(world.stored().instanceStates) == {0: RUNNING, 1: STOPPED}
    assert (await post(world, "start")).status_code == 204
    assert dict(world.stored().instanceStates) == {0: RUNNING, 1: RUNNING}


@pytest.mark.parametrize("action", ["start", "0/start"])
async def test_starting_what_runs_is_not_permitted(world: Any, action: str) -> None:
    await world.register()
    response = await post(world, action)
    assert (response.status_code, response.json()) == (400, NOT_PERMITTED)


async def test_stopping_what_is_stopped_is_not_permitted(world: Any) -> None:
    await world.register()
    await post(world, "stop")
    for action in ("stop", "0/stop"):
        response = await post(world, action)
        assert (response.status_code, response.json()) == (400, NOT_PERMITTED)


async def test_minus_one_means_all(world: Any) -> None:
    await world.register(parallelism=2)
    assert (await post(world, "-1/stop")).status_code == 204
    assert dict(world.stored().instanceStates) == {0: STOPPED, 1: STOPPED}


async def test_instances_of_a_later_scale_up_can_be_stopped_singly(world: Any) -> None:
    await world.register()
    await post(world, "stop")
    await world.update(parallelism=2)
    assert (await post(world, "1/stop")).status_code == 204
    assert dict(world.stored().instanceStates) == {0: STOPPED, 1: STOPPED}


async def test_a_record_with_more_instances_than_there_may_be_can_be_stopped(world: Any) -> None:
    await world.register()
    world.stored().functionDetails.parallelism = MOST_INSTANCES + 1
    assert (await post(world, "stop")).status_code == 204
    assert len(world.stored().instanceStates) == MOST_INSTANCES
    assert (await post(world, "stop")).json() == NOT_PERMITTED


@pytest.mark.parametrize("instance", [1, -2])
@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("start", "Operation not permitted"),
        ("stop", "Operation not permitted"),
        ("restart", "public/default/exclaim/{} doesn't exist"),
    ],
)
async def test_an_id_beyond_the_parallelism(world: Any, action: str, instance: int, reason: str) -> None:
    await world.register()
    response = await post(world, f"{instance}/{action}")
    assert (response.status_code, response.json()) == (400, {"reason": reason.format(instance)})


@pytest.mark.parametrize("instance", ["x", "1.5", "٣", "99999999999999999999"])
@pytest.mark.parametrize("action", ["start", "stop", "restart"])
async def test_an_id_that_is_no_number(world: Any, action: str, instance: str) -> None:
    await world.register()
    response = await post(world, f"{instance}/{action}")
    assert response.status_code == 400
    assert "is not an instance id" in response.json()["reason"]


@pytest.mark.parametrize("action", ["start", "stop", "restart", "0/start", "0/stop", "0/restart"])
async def test_an_unknown_function(world: Any, action: str) -> None:
    response = await post(world, action)
    assert (response.status_code, response.json()) == (404, {"reason": "Function exclaim doesn't exist"})


async def test_restart_asks_the_instances_and_leaves_the_metadata(world: Any) -> None:
    await world.register()
    world.instances.assign(world.stored(), 0)
    assert (await post(world, "restart")).status_code == 204
    assert (await post(world, "0/restart")).status_code == 204
    assert world.instances.restarted == [NAME, InstanceName(NAME, 0)]
    assert world.stored().version == 0


async def test_restart_without_assignment(world: Any) -> None:
    await world.register()
    response = await post(world, "restart")
    assert (response.status_code, response.json()) == (
        400,
        {"reason": "public/default/exclaim has not been assigned yet"},
    )
    response = await post(world, "0/restart")
    assert (response.status_code, response.json()) == (400, {"reason": "public/default/exclaim/0 doesn't exist"})
