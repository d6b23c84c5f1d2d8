"""Rebalance and drain over REST."""

from typing import Any

import pytest

from pulsemill.errors import LeaderNotReadyError
from pulsemill.rest.ports import (
    DrainInProgressError,
    DrainState,
    DrainStatus,
    NotRemovedAfterDrainError,
    OwnedElsewhereError,
    SchedulingRefusedError,
    WorkerInfo,
)

REBALANCE = "/admin/v2/worker/rebalance"
DRAIN = "/admin/v2/worker/drain"
LEADER_DRAIN = "/admin/v2/worker/leader/drain"
LEADER = WorkerInfo("w2", "host-2", 6751)


async def test_a_rebalance_begins(world: Any) -> None:
    assert (await world.client.put(REBALANCE)).status_code == 204
    assert world.membership.rebalances == 1


@pytest.mark.parametrize("path", [DRAIN, LEADER_DRAIN])
async def test_a_drain_begins_and_can_be_watched(world: Any, path: str) -> None:
    assert (await world.client.put(path)).status_code == 204
    assert (await world.client.get(path)).json() == {"status": "RUNNING", "lastError": ""}
    assert list(world.membership.drained) == ["w1"]


async def test_of_a_named_worker(world: Any) -> None:
    assert (await world.client.put(LEADER_DRAIN, params={"workerId": "w3"})).status_code == 204
    world.membership.drained["w3"] = DrainStatus(DrainState.ERROR, "no broker")
    answer = await world.client.get(LEADER_DRAIN, params={"workerId": "w3"})
    assert answer.json() == {"status": "ERROR", "lastError": "no broker"}


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (SchedulingRefusedError("Too few workers (need at least 2)"), 400),
        (DrainInProgressError("Another drain is in progress"), 409),
        (NotRemovedAfterDrainError("Worker w1 was not yet removed after a prior drain op; try later"), 412),
    ],
)
async def test_refusals(world: Any, refusal: Exception, status: int) -> None:
    world.membership.refusal = refusal
    for path in (REBALANCE, DRAIN):
        answer = await world.client.put(path)
        assert (answer.status_code, answer.json()) == (status, {"reason": str(refusal)})


async def test_without_a_leader(world: Any) -> None:
    world.membership.refusal = LeaderNotReadyError()
    answer = await world.client.put(REBALANCE)
    assert (answer.status_code, answer.json()) == (503, {"reason": "Leader not yet ready. Please retry again"})
    world.membership.refusal = LeaderNotReadyError("no broker")
    assert (await world.client.put(REBALANCE)).json()["reason"].endswith("Please retry again: no broker")


async def test_where_another_worker_leads(world: Any) -> None:
    world.membership.refusal = OwnedElsewhereError(LEADER)
    there = f"http://host-2:6751{LEADER_DRAIN}?workerId="
    expected = [
        ("PUT", REBALANCE, f"http://host-2:6751{REBALANCE}"),
        ("PUT", DRAIN, f"{there}w1"),
        ("GET", DRAIN, f"{there}w1"),
        ("PUT", f"{LEADER_DRAIN}?workerId=a%26b", f"{there}a%26b"),
    ]
    for method, path, location in expected:
        answer = await world.client.request(method, path)
        assert (answer.status_code, answer.headers["location"]) == (307, location)
