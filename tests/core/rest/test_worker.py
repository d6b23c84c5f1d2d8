"""Routes about the cluster and the worker itself."""

from typing import Any

import pytest

NOT_READY = "Function worker service is not done initializing. Please try again in a little while."
WORKER = {"workerId": "w1", "workerHostname": "host-1", "port": 6750}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/admin/v2/worker/cluster", [WORKER]),
        ("/admin/v2/worker/cluster/leader", WORKER),
        ("/admin/v2/worker/cluster/leader/ready", True),
        ("/admin/v2/worker/assignments", {"w1": ["public/default/exclaim:0"]}),
    ],
)
async def test_answers(world: Any, path: str, answer: Any) -> None:
    response = await world.client.get(path)
    assert (response.status_code, response.json()) == (200, answer)


async def test_no_leader(world: Any) -> None:
    world.membership.the_leader = None
    response = await world.client.get("/admin/v2/worker/cluster/leader")
    assert (response.status_code, response.json()) == (500, {"reason": "Leader cannot be determined"})


async def test_leader_not_ready(world: Any) -> None:
    world.membership.is_leader_ready = False
    response = await world.client.get("/admin/v2/worker/cluster/leader/ready")
    assert (response.status_code, response.json()) == (503, {"reason": NOT_READY})


async def test_leader_not_ready_for_a_reason(world: Any) -> None:
    world.membership.is_leader_ready, world.membership.trouble = False, "the broker refused something"
    response = await world.client.get("/admin/v2/worker/cluster/leader/ready")
    assert (response.status_code, response.json()) == (503, {"reason": "the broker refused something"})


async def test_metrics(world: Any) -> None:
    response = await world.client.get("/metrics")
    assert (response.status_code, response.text) == (200, "pulsar_function_worker_instance_count 1\n")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert (await world.client.get("/metrics", headers={"Accept": "application/json"})).status_code == 406


async def test_initialized(world: Any) -> None:
    response = await world.client.get("/initialized")
    assert (response.status_code, response.text) == (200, "true")
    assert response.headers["content-type"] == "text/plain"


async def test_version(world: Any) -> None:
    response = await world.client.get("/version")
    assert response.json()["version"] == "4.0.6"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/initialized"),
        ("GET", "/admin/v2/worker/cluster"),
        ("GET", "/admin/v2/worker/cluster/leader"),
        ("GET", "/admin/v2/worker/assignments"),
        ("GET", "/admin/v3/functions/public/default"),
        ("GET", "/admin/v3/functions/download?path=x"),
        ("POST", "/admin/v3/functions/upload"),
        *((method, "/admin/v3/functions/public/default/x") for method in ("GET", "POST", "PUT", "DELETE")),
        *(("GET", f"/admin/v3/functions/public/default/x/{what}") for what in ("status", "stats", "0/status")),
        *(("POST", f"/admin/v3/functions/public/default/x/{what}") for what in ("start", "stop", "0/restart")),
        ("POST", "/admin/v3/functions/public/default/x/trigger"),
    ],
)
async def test_nothing_is_answered_before_the_worker_is_initialized(world: Any, method: str, path: str) -> None:
    world.membership.initialized = False
    response = await world.client.request(method, path)
    assert (response.status_code, response.json()) == (503, {"reason": NOT_READY})


async def test_unknown_path(world: Any) -> None:
    response = await world.client.get("/admin/v3/nothing")
    assert (response.status_code, response.json()) == (404, {"reason": "Not Found"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/admin/v3/functions/public/default/x", {"GET", "HEAD", "POST", "PUT", "DELETE"}),
        ("GET", "/admin/v3/functions/public/default/x/start", {"POST"}),
        ("DELETE", "/metrics", {"GET", "HEAD"}),
    ],
)
async def test_wrong_method(world: Any, method: str, path: str, allowed: set[str]) -> None:
    response = await world.client.request(method, path)
    assert (response.status_code, response.json()) == (405, {"reason": "Method Not Allowed"})
    assert set(response.headers["allow"].split(", ")) == allowed


async def test_changes_and_refusals_are_logged_with_their_function(
    world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "pulsemill.rest"):
        await world.register()
        await world.client.get(world.url)
        await world.client.get(f"{world.url}/7/status?token=hidden")
    lines = [(record.getMessage(), record.__dict__["function"]) for record in caplog.records]
    url = "/admin/v3/functions/public/default/exclaim"
    assert lines == [(f"POST {url}: 204", "exclaim"), (f"GET {url}/7/status: 400", "exclaim")]
