"""Status of functions and instances."""

from typing import Any

import httpx2

from pulsemill.instance_ids import MOST_INSTANCES
from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus

NAME = FunctionName("public", "default", "exclaim")
Exceptions = FunctionStatus.ExceptionInformation

RUNNING = {
    "running": True,
    "error": "",
    "numRestarts": 2,
    "numReceived": 10,
    "numSuccessfullyProcessed": 8,
    "numUserExceptions": 1,
    "latestUserExceptions": [{"exceptionString": "user", "timestampMs": 5}],
    "numSystemExceptions": 6,
    "latestSystemExceptions": [
        {"exceptionString": "system", "timestampMs": 6},
        {"exceptionString": "source", "timestampMs": 7},
        {"exceptionString": "sink", "timestampMs": 8},
    ],
    "averageLatency": 1.5,
    "lastInvocationTime": 1234,
    "workerId": "w1",
}
UNSCHEDULED = {
    "running": False,
    "error": "Function has not been scheduled",
    "numRestarts": 0,
    "numReceived": 0,
    "numSuccessfullyProcessed": 0,
    "numUserExceptions": 0,
    "latestUserExceptions": None,
    "numSystemExceptions": 0,
    "latestSystemExceptions": None,
    "averageLatency": 0.0,
    "lastInvocationTime": 0,
    "workerId": None,
}


def running_status() -> FunctionStatus:
    return FunctionStatus(
        running=True,
        numRestarts=2,
        numReceived=10,
        numSuccessfullyProcessed=8,
        numUserExceptions=1,
        latestUserExceptions=[Exceptions(exceptionString="user", msSinceEpoch=5)],
        numSystemExceptions=1,
        latestSystemExceptions=[Exceptions(exceptionString="system", msSinceEpoch=6)],
        numSourceExceptions=2,
        latestSourceExceptions=[Exceptions(exceptionString="source", msSinceEpoch=7)],
        numSinkExceptions=3,
        latestSinkExceptions=[Exceptions(exceptionString="sink", msSinceEpoch=8)],
        averageLatency=1.5,
        lastInvocationTime=1234,
        instanceId="0",
        workerId="w1",
    )


async def test_all_instances(world: Any) -> None:
    await world.register(parallelism=2)
    world.instances.assign(world.stored(), 1, 0)
    world.instances.statuses[InstanceName(NAME, 0)] = running_status()
    response = await world.client.get(f"{world.url}/status")
    assert response.status_code == 200
    assert response.json() == {
        "numInstances": 2,
        "numRunning": 1,
        "instances": [{"instanceId": 0, "status": RUNNING}, {"instanceId": 1, "status": UNSCHEDULED}],
    }


async def test_without_assignments(world: Any) -> None:
    await world.register()
    response = await world.client.get(f"{world.url}/status")
    assert response.json() == {"numInstances": 0, "numRunning": 0, "instances": []}


async def test_one_assignment_of_an_external_manager_covers_all_instances(world: Any) -> None:
    await world.register(parallelism=2)
    world.instances.assign(world.stored(), -1)
    response = await world.client.get(f"{world.url}/status")
    assert [each["instanceId"] for each in response.json()["instances"]] == [0, 1]


async def test_one_instance(world: Any) -> None:
    await world.register()
    world.instances.statuses[InstanceName(NAME, 0)] = running_status()
    response = await world.client.get(f"{world.url}/0/status")
    assert (response.status_code, response.json()) == (200, RUNNING)


async def test_a_healthy_instance_has_empty_lists_and_a_dead_one_its_last_words(world: Any) -> None:
    await world.register()
    world.instances.statuses[InstanceName(NAME, 0)] = FunctionStatus(running=True)
    healthy = (await world.client.get(f"{world.url}/0/status")).json()
    assert (healthy["latestUserExceptions"], healthy["latestSystemExceptions"]) == ([], [])
    dead = FunctionStatus(running=False, failureException="exit code 1")
    dead.latestSystemExceptions.add(exceptionString="exit code 1", msSinceEpoch=9)
    world.instances.statuses[InstanceName(NAME, 0)] = dead
    status = (await world.client.get(f"{world.url}/0/status")).json()
    assert (status["running"], status["error"]) == (False, "exit code 1")
    assert status["latestSystemExceptions"] == [{"exceptionString": "exit code 1", "timestampMs": 9}]


async def test_a_record_with_more_instances_than_there_may_be_has_a_status(world: Any) -> None:
    await world.register()
    world.stored().functionDetails.parallelism = MOST_INSTANCES + 1
    world.instances.assign(world.stored(), -1)
    assert (await world.client.get(f"{world.url}/status")).json()["numInstances"] == MOST_INSTANCES


async def test_an_instance_of_another_worker_redirects(world: Any) -> None:
    await world.register()
    owner = WorkerInfo("w2", "host-2", 6751)
    world.instances.statuses[InstanceName(NAME, 0)] = OwnedElsewhereError(owner)
    response = await world.client.get(f"{world.url}/0/status?x=1")
    assert (response.status_code, response.content) == (307, b"")
    assert response.headers["location"] == f"http://host-2:6751{world.url}/0/status?x=1"


async def test_a_redirect_is_escaped_again(world: Any) -> None:
    name = FunctionName("public", "default", "ü ?b%")
    await world.register("%C3%BC%20%3Fb%25")
    world.instances.statuses[InstanceName(name, 0)] = OwnedElsewhereError(WorkerInfo("w2", "::1", 6751))
    response = await world.client.get("/admin/v3/functions/public/default/%C3%BC%20%3Fb%25/0/status")
    assert response.headers["location"] == (
        "http://[::1]:6751/admin/v3/functions/public/default/%C3%BC%20%3Fb%25/0/status"
    )


async def test_instances_of_another_worker_are_asked_there(world: Any) -> None:
    await world.register(parallelism=2)
    world.instances.assign(world.stored(), 0, 1)
    world.instances.statuses[InstanceName(NAME, 0)] = running_status()
    world.instances.statuses[InstanceName(NAME, 1)] = OwnedElsewhereError(WorkerInfo("w2", "host-2", 6751))
    world.other_worker.answer = httpx2.Response(200, json={**RUNNING, "workerId": "w2"})
    response = await world.client.get(f"{world.url}/status", headers={"Authorization": "Bearer t"})
    assert (response.json()["numInstances"], response.json()["numRunning"]) == (2, 2)
    assert response.json()["instances"][1]["status"]["workerId"] == "w2"
    (asked,) = world.other_worker.asked
    assert str(asked.url) == f"http://host-2:6751{world.url}/1/status"
    assert asked.headers["authorization"] == "Bearer t"


async def test_an_owner_that_does_not_answer_is_named(world: Any) -> None:
    await world.register()
    world.instances.assign(world.stored(), 0)
    world.instances.statuses[InstanceName(NAME, 0)] = OwnedElsewhereError(WorkerInfo("w2", "host-2", 6751))
    response = await world.client.get(f"{world.url}/status")
    assert response.status_code == 500
    assert "Worker w2 owns an instance but did not answer at http://host-2:6751" in response.json()["reason"]


async def test_ids(world: Any) -> None:
    await world.register()
    response = await world.client.get(f"{world.url}/1/status")
    assert (response.status_code, response.json()) == (
        400,
        {"reason": "Function exclaim doesn't have instance with id 1"},
    )
    response = await world.client.get(f"{world.url}/one/status")
    assert (response.status_code, "is not an instance id" in response.json()["reason"]) == (400, True)
    response = await world.client.get(f"{world.url}/-1/status")
    assert response.status_code == 400


async def test_unknown_function(world: Any) -> None:
    for path in ("status", "0/status", "stats", "0/stats"):
        response = await world.client.get(f"{world.url}/{path}")
        assert (response.status_code, response.json()) == (404, {"reason": "Function exclaim doesn't exist"})
