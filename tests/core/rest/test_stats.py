"""Statistics of functions and instances."""

import math
from typing import Any

from pulsemill.names import FunctionName, InstanceName
from pulsemill_instance.proto.InstanceCommunication_pb2 import MetricsData

NAME = FunctionName("public", "default", "exclaim")
ZERO_WINDOW = {
    "receivedTotal": 0,
    "processedSuccessfullyTotal": 0,
    "systemExceptionsTotal": 0,
    "userExceptionsTotal": 0,
    "avgProcessLatency": None,
}
ZERO = {**ZERO_WINDOW, "1min": ZERO_WINDOW, "lastInvocation": None, "userMetrics": {}}
FULL = {
    "receivedTotal": 4,
    "processedSuccessfullyTotal": 3,
    "systemExceptionsTotal": 2,
    "userExceptionsTotal": 1,
    "avgProcessLatency": 1.5,
    "1min": {
        "receivedTotal": 40,
        "processedSuccessfullyTotal": 30,
        "systemExceptionsTotal": 20,
        "userExceptionsTotal": 10,
        "avgProcessLatency": 0.5,
    },
    "lastInvocation": 99,
    "userMetrics": {"good": 1.0},
}


def metrics() -> MetricsData:
    return MetricsData(
        receivedTotal=4,
        processedSuccessfullyTotal=3,
        systemExceptionsTotal=2,
        userExceptionsTotal=1,
        avgProcessLatency=1.5,
        lastInvocation=99,
        userMetrics={"good": 1.0, "nan": math.nan, "inf": math.inf, "-inf": -math.inf},
        receivedTotal_1min=40,
        processedSuccessfullyTotal_1min=30,
        systemExceptionsTotal_1min=20,
        userExceptionsTotal_1min=10,
        avgProcessLatency_1min=0.5,
    )


async def test_one_instance(world: Any) -> None:
    await world.register()
    world.instances.metrics[InstanceName(NAME, 0)] = metrics()
    response = await world.client.get(f"{world.url}/0/stats")
    assert (response.status_code, response.json()) == (200, FULL)


async def test_one_instance_that_does_not_run(world: Any) -> None:
    await world.register()
    assert (await world.client.get(f"{world.url}/0/stats")).json() == ZERO


async def test_all_instances_are_summed(world: Any) -> None:
    await world.register(parallelism=3)
    world.instances.assign(world.stored(), 0, 1, 2)
    world.instances.metrics |= {InstanceName(NAME, 0): metrics(), InstanceName(NAME, 1): metrics()}
    stats = (await world.client.get(f"{world.url}/stats")).json()
    assert stats == {
        "receivedTotal": 8,
        "processedSuccessfullyTotal": 6,
        "systemExceptionsTotal": 4,
        "userExceptionsTotal": 2,
        "avgProcessLatency": 1.5,
        "1min": {
            "receivedTotal": 80,
            "processedSuccessfullyTotal": 60,
            "systemExceptionsTotal": 40,
            "userExceptionsTotal": 20,
            "avgProcessLatency": 0.5,
        },
        "lastInvocation": 99,
        "instances": [
            {"instanceId": 0, "metrics": FULL},
            {"instanceId": 1, "metrics": FULL},
            {"instanceId": 2, "metrics": ZERO},
        ],
    }


async def test_without_assignments(world: Any) -> None:
    await world.register()
    stats = (await world.client.get(f"{world.url}/stats")).json()
    assert stats == {**ZERO_WINDOW, "1min": ZERO_WINDOW, "lastInvocation": None, "instances": []}
