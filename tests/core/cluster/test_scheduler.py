"""Which instances there should be, and who runs them."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.cluster.records import AssignmentChange
from pulsemill.cluster.scheduler import (
    ALL_INSTANCES,
    RoundRobinScheduler,
    instances_of,
    needs_start,
    plan,
    wanted_instances,
)
from pulsemill.instance_ids import MOST_INSTANCES
from pulsemill.names import InstanceName
from pulsemill_instance.proto.Function_pb2 import (
    Assignment,
    FunctionDetails,
    FunctionMetaData,
    FunctionState,
    Instance,
)

MakeFunction = Callable[..., FunctionMetaData]
MakeAssignment = Callable[..., Assignment]
Assigned = dict[InstanceName, Assignment]


def metadata(name: str, version: int, parallelism: int) -> FunctionMetaData:
    details = FunctionDetails(tenant="t", namespace="n", name=name, parallelism=parallelism)
    return FunctionMetaData(functionDetails=details, version=version)


functions = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 3), st.integers(1, 4))).map(
    lambda made: [metadata(name, version, parallelism) for name, (version, parallelism) in made.items()]
)
workers = st.frozensets(st.sampled_from(["w1", "w2", "w3"]), min_size=1)


def apply(changes: list[AssignmentChange], assigned: Assigned) -> Assigned:
    result = dict(assigned)
    for change in changes:
        if change.assignment is None:
            del result[change.name]
        else:
            result[change.name] = change.assignment
    return result


def replanned(
    wanted: list[FunctionMetaData], assigned: Assigned, available: frozenset[str], lost: frozenset[str] = frozenset()
) -> Assigned:
    instances = wanted_instances(wanted, externally_managed=False)
    return apply(list(plan(instances, assigned, available, lost, RoundRobinScheduler())), assigned)


class TestPlan:
    @given(functions, functions, workers)
    def test_every_wanted_instance_is_assigned_once_at_its_newest_version(
        self, before: list[FunctionMetaData], after: list[FunctionMetaData], available: frozenset[str]
    ) -> None:
        assigned = replanned(after, replanned(before, {}, available), available)
        wanted = wanted_instances(after, externally_managed=False)
        assert {name: one.instance for name, one in assigned.items()} == wanted
        assert {one.workerId for one in assigned.values()} <= available

    @given(functions, workers)
    def test_a_second_run_has_nothing_to_do(self, wanted: list[FunctionMetaData], available: frozenset[str]) -> None:
        assigned = replanned(wanted, {}, available)
        instances = wanted_instances(wanted, externally_managed=False)
        assert list(plan(instances, assigned, available, (), RoundRobinScheduler())) == []

    @given(functions, workers)
    def test_the_load_is_spread_evenly(self, wanted: list[FunctionMetaData], available: frozenset[str]) -> None:
        assigned = replanned(wanted, {}, available)
        load = Counter(dict.fromkeys(available, 0))
        load.update(one.workerId for one in assigned.values())
        assert max(load.values()) - min(load.values()) <= 1

    @given(functions, workers)
    def test_what_nobody_wants_gets_a_tombstone(
        self, wanted: list[FunctionMetaData], available: frozenset[str]
    ) -> None:
        assigned = replanned(wanted, {}, available)
        changes = list(plan({}, assigned, available, (), RoundRobinScheduler()))
        assert changes == [AssignmentChange(name, None) for name in assigned]

    @given(functions)
    def test_instances_of_a_lost_worker_move(self, wanted: list[FunctionMetaData]) -> None:
        assigned = replanned(wanted, {}, frozenset({"w1", "w2"}))
        moved = replanned(wanted, assigned, frozenset({"w2"}), lost=frozenset({"w1"}))
        assert {one.workerId for one in moved.values()} <= {"w2"}
        assert moved.keys() == assigned.keys()

    def test_an_updated_instance_stays_on_its_worker(self) -> None:
        assigned = replanned([metadata("a", 0, 2)], {}, frozenset({"w1", "w2"}))
        updated = replanned([metadata("a", 1, 2)], assigned, frozenset({"w1", "w2"}))
        assert {n: a.workerId for n, a in updated.items()} == {n: a.workerId for n, a in assigned.items()}
        assert all(one.instance.functionMetaData.version == 1 for one in updated.values())

    def test_instances_of_an_absent_worker_that_is_not_lost_stay(self) -> None:
        assigned = replanned([metadata("a", 0, 1)], {}, frozenset({"w1"}))
        assert replanned([metadata("a", 0, 1)], assigned, frozenset({"w2"})) == assigned

    def test_without_workers_nothing_is_placed(self) -> None:
        assert replanned([metadata("a", 0, 1)], {}, frozenset()) == {}

    def test_a_heartbeat_function_runs_on_the_worker_it_is_named_after(self) -> None:
        details = FunctionDetails(tenant="pulsar-function", namespace="heartbeat", name="w2", parallelism=1)
        heartbeat = FunctionMetaData(functionDetails=details)
        assigned = replanned([heartbeat], {}, frozenset({"w1", "w2"}))
        assert [one.workerId for one in assigned.values()] == ["w2"]
        assert replanned([heartbeat], assigned, frozenset({"w1", "w2"})) == assigned


class TestInstances:
    def test_one_per_parallelism(self, function: MakeFunction) -> None:
        assert [one.instanceId for one in instances_of(function(parallelism=3), externally_managed=False)] == [0, 1, 2]

    def test_one_for_all_when_externally_managed(self, function: MakeFunction) -> None:
        assert [one.instanceId for one in instances_of(function(parallelism=3), externally_managed=True)] == [-1]

    def test_a_record_cannot_ask_for_more_than_the_leader_can_hold(
        self, function: MakeFunction, caplog: pytest.LogCaptureFixture
    ) -> None:
        huge = function("huge", parallelism=MOST_INSTANCES + 1)
        assert {len(instances_of(huge, externally_managed=False)) for _ in range(2)} == {MOST_INSTANCES}
        assert caplog.text.count(f"huge gets {MOST_INSTANCES} instances") == 1


class TestNeedsStart:
    def instance(self, instance_id: int, **states: int) -> Instance:
        stored = {int(key.removeprefix("i")): state for key, state in states.items()}
        return Instance(instanceId=instance_id, functionMetaData=FunctionMetaData(instanceStates=stored))

    def test_without_states_it_runs(self) -> None:
        assert needs_start(self.instance(0))

    def test_its_own_state_counts(self) -> None:
        states = {"i0": FunctionState.STOPPED, "i1": FunctionState.RUNNING}
        assert not needs_start(self.instance(0, **states))
        assert needs_start(self.instance(1, **states))

    def test_an_instance_without_a_state_among_others_runs(self) -> None:
        assert needs_start(self.instance(5, i0=FunctionState.STOPPED))

    def test_all_together_run_while_one_should(self) -> None:
        stopped, running = FunctionState.STOPPED, FunctionState.RUNNING
        assert needs_start(self.instance(ALL_INSTANCES, i0=stopped, i1=running))
        assert not needs_start(self.instance(ALL_INSTANCES, i0=stopped, i1=stopped))
