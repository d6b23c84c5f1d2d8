"""The leader's scheduling."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.backoff import Backoff
from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.membership import SoleMembership
from pulsemill.cluster.scheduler_manager import SchedulerManager
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.rest.ports import DrainState, SchedulingRefusedError, WorkerInfo
from pulsemill.worker.metrics import WorkerMetrics
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

MakeFunction = Callable[..., FunctionMetaData]


class TwoWorkers:
    """Both there."""

    def available(self) -> set[str]:
        return {"w1", "w2"}

    def lost(self, assigned: Any) -> set[str]:
        return set()


@pytest.fixture
def functions() -> list[FunctionMetaData]:
    return []


@pytest.fixture
def assigned_one() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def manager(log: Any, functions: list[FunctionMetaData], assigned_one: asyncio.Event) -> SchedulerManager:
    table = AssignmentTable(lambda _: assigned_one.set())
    return SchedulerManager(
        functions=lambda: functions,
        table=table,
        tailer=TopicTailer(log, table.apply_record),
        workers=SoleMembership(WorkerInfo("w1", "host", 6750)),
        externally_managed=False,
        times=WorkerMetrics("standalone"),
        backoff=Backoff(first=0.0, longest=0.0),
    )


async def test_what_is_written_is_what_is_known(
    log: Any, manager: SchedulerManager, functions: list[FunctionMetaData], function: MakeFunction
) -> None:
    functions.append(function(parallelism=3))
    await manager.schedule()
    replayed = AssignmentTable()
    await TopicTailer(log, replayed.apply_record).read_to_end()
    assert replayed.all() == manager.table.all()
    assert len(replayed.all()) == 3


async def test_what_was_written_is_not_read_again(
    log: Any, manager: SchedulerManager, functions: list[FunctionMetaData], function: MakeFunction
) -> None:
    functions.append(function(parallelism=2))
    await manager.schedule()
    assert manager.tailer.position == len(log.records) - 1


async def test_instances_of_workers_that_are_gone_are_taken_over(
    manager: SchedulerManager, functions: list[FunctionMetaData], function: MakeFunction
) -> None:
    functions.append(function())
    await manager.schedule()
    manager.workers = SoleMembership(WorkerInfo("w2", "host", 6750))
    await manager.schedule()
    assert list(manager.table.by_worker()) == ["w2"]


async def test_a_lost_broker_delays_it(
    log: Any,
    manager: SchedulerManager,
    functions: list[FunctionMetaData],
    function: MakeFunction,
    assigned_one: asyncio.Event,
) -> None:
    functions.append(function())
    log.down = True
    manager.start()
    await asyncio.sleep(0)
    assert manager.table.all() == {}
    log.down = False
    await assigned_one.wait()
    await manager.stop()


async def test_requests_before_the_start_are_served_by_its_first_run(
    manager: SchedulerManager,
    functions: list[FunctionMetaData],
    function: MakeFunction,
    assigned_one: asyncio.Event,
) -> None:
    functions.append(function())
    manager.request()
    assert manager.table.all() == {}
    manager.start()
    await assigned_one.wait()
    await manager.stop()
    await manager.stop()


async def done(manager: SchedulerManager) -> None:
    """Wait for what was begun."""
    await asyncio.gather(*manager._tasks)


def loads(manager: SchedulerManager) -> dict[str, int]:
    return {worker: len(names) for worker, names in manager.table.by_worker().items()}


async def test_a_rebalance_is_written(
    log: Any, manager: SchedulerManager, functions: list[FunctionMetaData], function: MakeFunction
) -> None:
    functions.append(function(parallelism=4))
    await manager.schedule()
    manager.workers = TwoWorkers()
    manager.rebalance()
    with pytest.raises(SchedulingRefusedError, match="Rebalance already in progress"):
        manager.rebalance()
    await done(manager)
    assert loads(manager) == {"w1": 2, "w2": 2}
    assert len(log.records) == 6
    manager.rebalance()
    await done(manager)
    assert len(log.records) == 6


async def test_a_rebalance_that_failed_can_be_asked_for_again(
    log: Any, manager: SchedulerManager, functions: list[FunctionMetaData], function: MakeFunction
) -> None:
    functions.append(function(parallelism=2))
    await manager.schedule()
    manager.workers, log.down = TwoWorkers(), True
    manager.rebalance()
    await done(manager)
    log.down = False
    manager.rebalance()
    await done(manager)
    assert loads(manager) == {"w1": 1, "w2": 1}


async def test_a_rebalance_needs_two_workers(manager: SchedulerManager) -> None:
    with pytest.raises(SchedulingRefusedError, match="Too few workers"):
        manager.rebalance()


async def test_a_drained_worker_keeps_nothing_and_gets_nothing(
    manager: SchedulerManager, functions: list[FunctionMetaData], function: MakeFunction
) -> None:
    manager.workers = TwoWorkers()
    functions.append(function(parallelism=4))
    await manager.schedule()
    manager.drain("w2")
    assert manager.drains.status("w2").state is DrainState.RUNNING
    await done(manager)
    assert manager.drains.status("w2").state is DrainState.SUCCESS
    functions.append(function("another", parallelism=2))
    await manager.schedule()
    assert loads(manager) == {"w1": 6}
    with pytest.raises(SchedulingRefusedError, match="Too few workers"):
        manager.rebalance()


async def test_a_drain_that_fails_says_why_and_is_made_up_for(
    log: Any, manager: SchedulerManager, functions: list[FunctionMetaData], function: MakeFunction
) -> None:
    manager.workers = TwoWorkers()
    functions.append(function(parallelism=2))
    await manager.schedule()
    log.down = True
    manager.drain("w2")
    await done(manager)
    status = manager.drains.status("w2")
    assert (status.state, status.last_error) == (DrainState.ERROR, "no broker")
    log.down = False
    await manager.schedule()
    assert loads(manager) == {"w1": 2}


async def test_drains_end_with_leadership(manager: SchedulerManager) -> None:
    manager.workers = TwoWorkers()
    manager.drain("w2")
    await manager.stop()
    assert manager.drains.status("w2").last_error == "Worker w2 not found in drain records"


async def test_everything_is_measured(manager: SchedulerManager) -> None:
    manager.workers = TwoWorkers()
    manager.rebalance()
    await done(manager)
    manager.drain("w2")
    await done(manager)
    metrics = manager.times
    assert isinstance(metrics, WorkerMetrics)
    assert (metrics.rebalance.count, metrics.rebalance_strategy.count) == (1, 1)
    assert (metrics.drain.count, metrics.schedule_strategy.count) == (1, 1)
