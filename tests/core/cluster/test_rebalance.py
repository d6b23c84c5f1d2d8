"""Evening out how many instances each worker runs."""

from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.cluster.rebalance import rebalance
from pulsemill.names import InstanceName
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionDetails, FunctionMetaData, Instance

WORKERS = ("w1", "w2", "w3")


def table(*workers: str, tenant: str = "public", namespace: str = "default") -> dict[InstanceName, Assignment]:
    """One function with an instance on each of the given workers."""
    details = FunctionDetails(tenant=tenant, namespace=namespace, name="w1", parallelism=len(workers))
    metadata = FunctionMetaData(functionDetails=details)
    assignments = [
        Assignment(instance=Instance(functionMetaData=metadata, instanceId=number), workerId=worker)
        for number, worker in enumerate(workers)
    ]
    return {InstanceName.assigned(one): one for one in assignments}


def after(assigned: Mapping[InstanceName, Assignment], workers: tuple[str, ...] = WORKERS) -> Counter[str]:
    moved = {change.name: change.assignment for change in rebalance(assigned, workers)}
    return Counter(one.workerId for one in (assigned | moved).values() if one)


@given(st.lists(st.sampled_from(WORKERS), max_size=30))
def test_no_worker_has_two_more_than_another(workers: list[str]) -> None:
    assigned = table(*workers)
    counts = after(assigned)
    assert counts.total() == len(workers)
    assert max(counts[worker] for worker in WORKERS) - min(counts[worker] for worker in WORKERS) <= 1


@given(st.lists(st.sampled_from(WORKERS), max_size=30))
def test_no_more_is_moved_than_has_to_be(workers: list[str]) -> None:
    counts, least = Counter(workers), len(workers) // len(WORKERS)
    surplus = sum(max(0, counts[worker] - least) for worker in WORKERS)
    assert len(rebalance(table(*workers), WORKERS)) <= surplus
    assert all(change.assignment for change in rebalance(table(*workers), WORKERS))


def test_what_is_even_stays() -> None:
    assert rebalance(table("w1", "w2", "w3", "w1"), WORKERS) == []


def test_instances_of_absent_workers_stay() -> None:
    assert after(table("w9", "w9", "w9", "w1")) == {"w9": 3, "w1": 1}


def test_pinned_instances_stay() -> None:
    assert rebalance(table("w1", "w1", "w1", tenant="pulsar-function", namespace="heartbeat"), WORKERS) == []


@pytest.mark.parametrize("workers", [(), ("w1",)])
def test_there_must_be_somewhere_to_go(workers: tuple[str, ...]) -> None:
    assert rebalance(table("w1", "w1"), workers) == []


def test_a_moved_instance_is_the_same(function: Callable[..., FunctionMetaData]) -> None:
    assigned = table("w1", "w1")
    (change,) = rebalance(assigned, ("w1", "w2"))
    assert change.assignment
    assert change.assignment.instance == assigned[change.name].instance
