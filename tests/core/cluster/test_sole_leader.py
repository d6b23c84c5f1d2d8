"""Leading a cluster of one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from pulsemill.backoff import Backoff
from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.duties import Duty
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import SoleMembership
from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.sole_leader import SoleLeader
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import TopicError
from pulsemill.cluster.view import ClusterView
from pulsemill.rest.ports import WorkerInfo
from pulsemill.worker.metrics import WorkerMetrics

ME = WorkerInfo("w1", "host", 6750)


@attrs.define
class World:
    """A worker that is alone."""

    election: SoleLeader
    service: LeaderService
    view: ClusterView

    async def observe(self) -> None:
        await self.election.observe_safely(self.service)

    def pause(self) -> float:
        return self.election.pause(self.service)


@pytest.fixture
async def world(log: Any, other_log: Any) -> AsyncIterator[World]:
    table, membership = AssignmentTable(), SoleMembership(ME)
    assignments = TopicTailer(other_log, table.apply_record)
    scheduler = SchedulerManager(
        list, table, assignments, membership, externally_managed=False, times=WorkerMetrics("standalone")
    )
    service = LeaderService(TopicTailer(log, lambda _: None), assignments, scheduler)
    election = SoleLeader(membership, Backoff(first=1.0, longest=8.0, jitter=0.0))
    yield World(election, service, ClusterView(membership, service, table, initialized=True))
    await election.stop()
    await service.stop()


async def test_it_leads_from_its_start(world: World, log: Any) -> None:
    await world.election.start(world.service)
    assert (await world.view.leader(), world.view.is_leader_ready, log.is_acquired) == (ME, True, True)


async def test_it_does_not_start_beside_another_writer(world: World, log: Any) -> None:
    log.fenced = True
    with pytest.raises(TopicError, match="another worker leads"):
        await world.election.start(world.service)


async def test_a_leader_that_can_write_is_left_alone(world: World, log: Any) -> None:
    await world.election.start(world.service)
    await world.observe()
    assert log.calls == ["acquire", "read"]


@pytest.mark.parametrize("lost", ["log", "other_log"])
async def test_a_lost_writer_is_regained(world: World, lost: str, request: pytest.FixtureRequest) -> None:
    await world.election.start(world.service)
    topic = request.getfixturevalue(lost)
    topic.is_acquired = False
    assert (await world.view.leader(), world.view.is_leader_ready) == (None, False)
    await world.observe()
    assert (await world.view.leader(), world.view.is_leader_ready, topic.is_acquired) == (ME, True, True)


async def test_it_tries_until_it_succeeds_and_tells_the_reason_meanwhile(world: World, log: Any) -> None:
    await world.election.start(world.service)
    log.is_acquired, log.fenced = False, True
    for _ in range(3):
        await world.observe()
        assert (world.service.is_leader, world.view.trouble) == (False, "another worker leads")
    log.fenced = False
    await world.observe()
    assert (world.view.is_leader_ready, world.view.trouble) == (True, "")


async def test_it_looks_less_and_less_often_while_it_fails(world: World, log: Any) -> None:
    await world.election.start(world.service)
    assert [world.pause() for _ in range(2)] == [1, 1]
    log.is_acquired, log.fenced = False, True
    assert [world.pause() for _ in range(4)] == [2, 4, 8, 8]
    log.fenced = False
    await world.observe()
    assert world.pause() == 1


async def test_it_keeps_looking_until_it_is_stopped(world: World, log: Any) -> None:
    leads = asyncio.Event()

    async def show_that_it_leads() -> None:
        if world.service.is_ready:
            leads.set()

    world.service.duties.add(Duty("show", 0.001, show_that_it_leads))
    world.election.backoff = Backoff(first=0.001)
    await world.election.start(world.service)
    log.is_acquired = False
    await asyncio.wait_for(leads.wait(), 10)
    await world.election.stop()
    await world.election.stop()
    assert "leader election" not in {task.get_name() for task in asyncio.all_tasks()}
