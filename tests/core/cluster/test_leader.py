"""Becoming the leader, and a follower again."""

from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.leader import LeaderService
from pulsemill.cluster.membership import SoleMembership
from pulsemill.cluster.metadata import FunctionMetaDataManager
from pulsemill.cluster.records import metadata_record
from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.cluster.topic_log import TopicError
from pulsemill.cluster.view import ClusterView
from pulsemill.errors import ConfigurationError
from pulsemill.rest.ports import WorkerInfo
from pulsemill.worker.metrics import WorkerMetrics
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

ME = WorkerInfo("w1", "host", 6750)

MakeFunction = Callable[..., FunctionMetaData]


@pytest.fixture
def functions(log: Any) -> FunctionMetaDataManager:
    return FunctionMetaDataManager(log, "w1", compacted=False)


@pytest.fixture
def leading(other_log: Any, functions: FunctionMetaDataManager) -> LeaderService:
    table = AssignmentTable()
    assignments = TopicTailer(other_log, table.apply_record)
    scheduler = SchedulerManager(
        functions=functions.all,
        table=table,
        tailer=assignments,
        workers=SoleMembership(ME),
        externally_managed=False,
        times=WorkerMetrics("standalone"),
    )
    return LeaderService(functions.tailer, assignments, scheduler)


async def test_a_leader_has_fenced_others_before_it_reads_to_the_end(log: Any, leading: LeaderService) -> None:
    await leading.become_leader()
    assert log.calls == ["acquire", "read"]
    assert leading.is_leader
    await leading.stop()


async def test_nobody_leads_whose_configuration_does_not_fit_the_metadata(
    log: Any, leading: LeaderService, function: MakeFunction
) -> None:
    log.records.append(metadata_record(function(), delete=False, worker_id="w0", compacted=True))
    with pytest.raises(ConfigurationError, match="useCompactedMetadataTopic"):
        await leading.become_leader()
    assert not leading.is_leader
    assert not log.is_acquired
    await leading.stop()


async def test_whatever_keeps_a_worker_from_leading_lets_others_write(
    log: Any, other_log: Any, leading: LeaderService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("unexpected")

    monkeypatch.setattr(log, "read_to_end", fail)
    with pytest.raises(RuntimeError, match="unexpected"):
        await leading.become_leader()
    assert (leading.is_leader, log.is_acquired, other_log.is_acquired) == (False, False, False)
    await leading.stop()


async def test_a_leader_knows_what_was_written_before(
    log: Any, leading: LeaderService, functions: FunctionMetaDataManager, function: MakeFunction
) -> None:
    log.records.append(metadata_record(function(), delete=False, worker_id="w0", compacted=False))
    await leading.become_leader()
    assert functions.all() == [function()]
    await leading.stop()


async def test_a_fenced_worker_stays_a_follower(log: Any, other_log: Any, leading: LeaderService) -> None:
    log.fenced = True
    with pytest.raises(TopicError, match="another worker leads"):
        await leading.become_leader()
    assert not leading.is_leader
    assert not other_log.is_acquired
    await leading.stop()


async def test_a_leader_that_resigns_lets_others_write_and_follows(
    log: Any, other_log: Any, leading: LeaderService
) -> None:
    await leading.become_leader()
    await leading.become_follower()
    assert (leading.is_leader, log.is_acquired, other_log.is_acquired) == (False, False, False)
    await leading.stop()
    await leading.stop()


async def test_a_follower_that_leads_reads_on_where_it_was(
    log: Any, leading: LeaderService, functions: FunctionMetaDataManager, function: MakeFunction
) -> None:
    await leading.become_follower()
    log.records.append(metadata_record(function(), delete=False, worker_id="w0", compacted=False))
    await leading.become_leader()
    assert functions.all() == [function()]
    await leading.stop()


async def test_a_cluster_of_one_shows_itself(leading: LeaderService) -> None:
    view = ClusterView(SoleMembership(ME), leading, leading.scheduler.table)
    assert (await view.leader(), view.is_leader_ready) == (None, False)
    await leading.become_leader()
    view.initialized = True
    assert (await view.leader(), view.is_leader_ready) == (ME, True)
    assert await view.members() == [ME]
    assert view.member("w1") == ME
    assert view.member("w2") is None
    await leading.stop()
