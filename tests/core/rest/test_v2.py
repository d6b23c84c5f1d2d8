"""The v2 API of functions, and its routes about workers."""

import json
from typing import Any

import pytest

from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData

NAME = InstanceName(FunctionName("public", "default", "exclaim"), 0)
DETAILS = {
    "className": "exclaim.Exclaim",
    "runtime": "PYTHON",
    "parallelism": 1,
    "autoAck": True,
    "source": {"inputSpecs": {"in": {}}},
    "sink": {"topic": "out"},
}


@pytest.fixture(params=["/admin/v2", "/admin"])
def url(request: pytest.FixtureRequest) -> str:
    return f"{request.param}/functions/public/default/exclaim"


async def register(world: Any, url: str, **details: Any) -> Any:
    files = {"functionDetails": (None, json.dumps({**DETAILS, **details})), "data": ("x.py", b"1")}
    return await world.client.post(url, files=files)


async def test_a_function_from_its_details(world: Any, url: str) -> None:
    response = await register(world, url)
    assert (response.status_code, response.content) == (200, b"")
    response = await world.client.get(url)
    assert response.headers["content-type"].startswith("text/plain")
    shown = response.json()
    assert (shown["className"], shown["resources"]["ram"]) == ("exclaim.Exclaim", "1073741824")
    assert "logTopic" not in shown
    response = await world.client.get(url, headers={"Accept": "application/json"})
    assert response.headers["content-type"] == "application/json"
    assert (await world.client.get(url.rpartition("/")[0])).json() == ["exclaim"]


async def test_updates_and_deletes(world: Any, url: str) -> None:
    await register(world, url)
    changed = {"functionDetails": (None, json.dumps({**DETAILS, "parallelism": 2}))}
    assert (await world.client.put(url, files=changed)).status_code == 200
    assert world.stored().functionDetails.parallelism == 2
    response = await world.client.put(url, files=changed)
    assert (response.status_code, response.json()) == (400, {"reason": "Update contains no change"})
    assert (await world.client.delete(url)).status_code == 200
    assert (await world.client.get(url)).json() == {"reason": "Function exclaim doesn't exist"}


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ("{", "functionDetails: Failed to load JSON"),
        ('{"zz": 1}', "functionDetails: "),
        ('{"userConfig": "{"}', "functionDetails: "),
        ('{"userConfig": "[]"}', "functionDetails: "),
        ("[" * 10_000, "functionDetails: "),
        ("", "Function config is not provided"),
        ('{"parallelism": 1}', "Function class name is not provided."),
    ],
)
async def test_wrong_details(world: Any, details: str, reason: str) -> None:
    files = {"functionDetails": (None, details), "data": ("x.py", b"1")}
    response = await world.client.post("/admin/v2/functions/public/default/exclaim", files=files)
    assert response.status_code == 400
    assert response.json()["reason"]


async def test_status_in_the_instances_own_words(world: Any, url: str) -> None:
    await register(world, url)
    world.instances.assign(world.stored(), 0)
    world.instances.statuses[NAME] = FunctionStatus(running=True, numReceived=3, instanceId="0", workerId="w1")
    instance = {"running": True, "numReceived": "3", "instanceId": "0", "workerId": "w1"}
    assert (await world.client.get(f"{url}/status")).json() == {"functionStatusList": [instance]}
    assert (await world.client.get(f"{url}/0/status")).json() == instance
    assert (await world.client.get(f"{url}/9/status")).status_code == 400


async def test_stop_restart_trigger(world: Any, url: str) -> None:
    await register(world, url)
    world.instances.assign(world.stored(), 0)
    world.instances.statuses[NAME] = FunctionStatus(running=True)
    assert (await world.client.post(f"{url}/restart")).status_code == 200
    assert (await world.client.post(f"{url}/0/restart")).status_code == 200
    assert (await world.client.post(f"{url}/stop")).status_code == 200
    assert (await world.client.post(f"{url}/start")).status_code == 404
    response = await world.client.post(f"{url}/trigger", files={"data": (None, "x")})
    assert (response.status_code, response.text) == (200, "out")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("prefix", ["/admin/v2", "/admin"])
async def test_routes_about_workers(world: Any, prefix: str) -> None:
    get = world.client.get
    assert (await get(f"{prefix}/worker/cluster")).json()[0]["workerId"] == "w1"
    assert (await get(f"{prefix}/worker/connectors")).json() == []
    assert (await get(f"{prefix}/functions/connectors")).json() == []
    (metrics,) = (await get(f"{prefix}/worker-stats/metrics")).json()
    assert metrics["dimensions"] == {"metric": "process_metrics"}
    assert metrics["metrics"]["process_resident_memory_bytes"] > 0


async def test_statistics_of_the_instances_that_run_here(world: Any) -> None:
    url = "/admin/v2/worker-stats/functionsmetrics"
    assert (await world.client.get(url)).json() == []
    world.instances.metrics[NAME] = MetricsData(receivedTotal=5)
    (found,) = (await world.client.get(url)).json()
    assert (found["name"], found["metrics"]["receivedTotal"]) == ("public/default/exclaim:0", 5)
    world.instances.metrics[NAME] = OwnedElsewhereError(WorkerInfo("w2", "host-2", 6750))
    assert (await world.client.get(url)).json() == []
