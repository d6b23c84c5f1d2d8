"""Which drains are allowed, and what is remembered of them."""

import pytest

from pulsemill.cluster.drains import Drains
from pulsemill.rest.ports import (
    DrainInProgressError,
    DrainState,
    DrainStatus,
    NotRemovedAfterDrainError,
    SchedulingRefusedError,
)

WORKERS = ("w1", "w2", "w3")


@pytest.fixture
def drains() -> Drains:
    return Drains()


def test_a_drained_worker_takes_nothing_until_it_left(drains: Drains) -> None:
    drains.begin("w1", WORKERS)
    assert drains.status("w1") == DrainStatus(DrainState.RUNNING)
    drains.end("w1")
    assert (drains.status("w1"), list(drains.workers)) == (DrainStatus(DrainState.SUCCESS), ["w1"])
    drains.forget_gone(WORKERS)
    assert list(drains.workers) == ["w1"]
    drains.forget_gone(["w2", "w3"])
    assert list(drains.workers) == []


def test_a_failure_is_remembered(drains: Drains) -> None:
    drains.begin("w1", WORKERS)
    drains.end("w1", "no broker")
    assert drains.status("w1") == DrainStatus(DrainState.ERROR, "no broker")


def test_of_a_worker_that_was_never_drained(drains: Drains) -> None:
    assert drains.status("w9") == DrainStatus(DrainState.ERROR, "Worker w9 not found in drain records")


def test_one_at_a_time(drains: Drains) -> None:
    drains.begin("w1", WORKERS)
    with pytest.raises(DrainInProgressError, match="Another drain is in progress"):
        drains.begin("w2", WORKERS)


def test_not_twice_while_it_is_there(drains: Drains) -> None:
    drains.begin("w1", WORKERS)
    drains.end("w1")
    with pytest.raises(NotRemovedAfterDrainError, match="Worker w1 was not yet removed after a prior drain op"):
        drains.begin("w1", WORKERS)


def test_not_the_last_one_nor_an_unknown_one(drains: Drains) -> None:
    with pytest.raises(SchedulingRefusedError, match=r"Too few workers \(need at least 2\)"):
        drains.begin("w1", ["w1"])
    with pytest.raises(SchedulingRefusedError, match="Worker w9 is not among the current workers in the system"):
        drains.begin("w9", WORKERS)
    assert list(drains.workers) == []


def test_a_new_leader_knows_of_none(drains: Drains) -> None:
    drains.begin("w1", WORKERS)
    drains.forget_all()
    assert list(drains.workers) == []
