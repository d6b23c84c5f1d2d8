"""Leading by the coordination topic's statistics."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster import failover_election
from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.duties import LeaderDuties
from pulsemill.cluster.failover_election import FailoverElection
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import ClusterMembership
from pulsemill.cluster.participants import consumer_id
from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import TopicError
from pulsemill.cluster.view import ClusterView
from pulsemill.errors import LeaderNotReadyError
from pulsemill.rest.ports import WorkerInfo
from pulsemill.worker.metrics import WorkerMetrics

ME, OTHER = WorkerInfo("w1", "host-1", 6750), WorkerInfo("w2", "host-2", 6751)


@attrs.define
class FakeBroker:
    """A coordination topic with two consumers."""

    active: WorkerInfo = OTHER
    down: bool = False
    refuses_consumers: bool = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.down:
            raise httpx2.ConnectError("refused")
        consumers = [{"consumerName": consumer_id(one), "metadata": {"id": consumer_id(one)}} for one in (ME, OTHER)]
        subscription = {"activeConsumerName": consumer_id(self.active), "consumers": consumers}
        return httpx2.Response(200, json={"subscriptions": {"participants": subscription}})


@attrs.define
class World:
    """A worker that takes part, one observation at a time."""

    broker: FakeBroker
    election: FailoverElection
    service: LeaderService
    view: ClusterView
    rejoined: list[str]

    async def observe(self) -> None:
        await self.election.observe(self.service)


@pytest.fixture
async def world(log: Any, other_log: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(failover_election, "POLL_SECONDS", 3600)
    broker, table = FakeBroker(), AssignmentTable()
    admin = BrokerAdmin("http://broker:8080", attempts=1, transport=httpx2.MockTransport(broker))
    membership = ClusterMembership(ME)
    assignments = TopicTailer(other_log, table.apply_record)
    scheduler = SchedulerManager(
        list, table, assignments, membership, externally_managed=False, times=WorkerMetrics("standalone")
    )
    service = LeaderService(TopicTailer(log, lambda _: None), assignments, scheduler, LeaderDuties())
    view = ClusterView(membership, service, table, initialized=True)
    rejoined: list[str] = []

    async def rejoin() -> None:
        if broker.refuses_consumers:
            raise TopicError("no consumers yet")
        rejoined.append("again")

    election = FailoverElection(admin, "persistent://public/functions/coordinate", membership, rejoin)
    yield World(broker, election, service, view, rejoined)
    await election.stop()
    await service.stop()


async def test_the_active_consumer_leads(world: World) -> None:
    world.broker.active = ME
    await world.election.start(world.service)
    assert world.service.is_leader
    assert (await world.view.leader(), world.view.is_leader_ready) == (ME, True)


async def test_every_other_one_follows(world: World, log: Any) -> None:
    await world.election.start(world.service)
    assert not world.service.is_leader
    assert await world.view.leader() == OTHER
    assert await world.view.members() == [ME, OTHER]
    await log.following.wait()


async def test_leadership_comes_and_goes(world: World, log: Any) -> None:
    await world.election.start(world.service)
    for active, leads in ((ME, True), (ME, True), (OTHER, False), (ME, True)):
        world.broker.active = active
        await world.observe()
        assert (world.service.is_leader, log.is_acquired) == (leads, leads)


async def test_one_that_cannot_write_yet_tries_again(world: World, log: Any) -> None:
    world.broker.active, log.fenced = ME, True
    await world.election.start(world.service)
    assert (world.service.is_leader, await world.view.leader()) == (False, None)
    log.fenced = False
    await world.observe()
    assert world.service.is_leader


async def test_a_leader_that_was_fenced_becomes_one_anew(world: World, log: Any) -> None:
    world.broker.active = ME
    await world.election.start(world.service)
    log.is_acquired = False
    assert (await world.view.leader(), world.view.is_leader_ready) == (None, False)
    await world.observe()
    assert not world.service.is_leader
    await world.observe()
    assert world.service.is_leader


async def test_a_broker_that_does_not_answer_changes_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.broker.active = ME
    await world.election.start(world.service)
    world.broker.down = True
    for _ in range(3):
        await world.election.observe_safely(world.service)
    assert world.service.is_leader
    assert caplog.text.count("nobody is known to lead now: no answer from the broker's admin API") == 1


async def test_a_leader_without_news_is_not_ready(world: World) -> None:
    now = 0.0
    world.election.membership.clock = lambda: now
    world.broker.active = ME
    await world.election.start(world.service)
    now = 60.0
    assert world.service.is_leader
    assert (await world.view.leader(), world.view.is_leader_ready) == (None, False)
    await world.observe()
    assert world.view.is_leader_ready


async def test_nobody_is_known_to_lead_for_a_reason_that_is_told_until_it_is_over(world: World) -> None:
    now = 0.0
    world.election.membership.clock = lambda: now
    world.broker.active = ME
    await world.election.start(world.service)
    world.broker.down = True
    await world.election.observe_safely(world.service)
    assert world.view.trouble == ""
    now = 60.0
    assert "no answer from the broker's admin API" in world.view.trouble
    with pytest.raises(LeaderNotReadyError, match=r"Please retry again: no answer from the broker's admin API"):
        world.view.rebalance()
    world.broker.down = False
    await world.election.observe_safely(world.service)
    assert world.view.trouble == ""


async def test_a_worker_that_was_out_of_touch_joins_anew(world: World, log: Any) -> None:
    now = 0.0
    world.election.membership.clock = lambda: now
    world.broker.active = ME
    await world.election.start(world.service)
    world.broker.down, now = True, 60.0
    await world.election.observe_safely(world.service)
    world.broker.down, world.broker.refuses_consumers = False, True
    await world.election.observe_safely(world.service)
    assert (world.service.is_leader, log.is_acquired) == (False, False)
    world.broker.refuses_consumers = False
    await world.observe()
    assert world.rejoined == ["again"]
    await world.observe()
    assert (world.service.is_leader, world.view.is_leader_ready, world.rejoined) == (True, True, ["again"])


async def test_a_short_trouble_is_left_to_the_client(world: World) -> None:
    await world.election.start(world.service)
    world.broker.down = True
    await world.election.observe_safely(world.service)
    world.broker.down = False
    await world.observe()
    assert world.rejoined == []
