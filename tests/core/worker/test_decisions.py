"""What a change of an assignment asks of a worker."""

from collections.abc import Callable

import pytest

from pulsemill.cluster.assignments import Reassignment
from pulsemill.names import InstanceName
from pulsemill.worker.decisions import Step, steps
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionState, Instance

MakeInstance = Callable[..., Instance]

STOPPED = FunctionState.STOPPED


def change(before: Assignment | None, after: Assignment | None) -> Reassignment:
    either = before or after
    assert either is not None
    return Reassignment(InstanceName.assigned(either), before, after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "me", [Step.START]),
        (None, "other", []),
        ("me", None, [Step.STOP]),
        ("other", None, []),
        ("me", "other", [Step.STOP]),
        ("other", "me", [Step.START]),
    ],
)
def test_it_runs_where_it_is_assigned(
    instance: MakeInstance, before: str | None, after: str | None, expected: list[Step]
) -> None:
    made = [Assignment(instance=instance(), workerId=worker) if worker else None for worker in (before, after)]
    assert steps(change(*made), "me", externally_managed=False) == expected


def test_an_update_stops_and_starts(instance: MakeInstance) -> None:
    made = [Assignment(instance=instance(version=version), workerId="me") for version in (0, 1)]
    assert steps(change(*made), "me", externally_managed=False) == [Step.STOP, Step.START]


def test_a_stopped_instance_is_not_started(instance: MakeInstance) -> None:
    running, stopped = (
        Assignment(instance=one, workerId="me") for one in (instance(), instance(version=1, i0=STOPPED))
    )
    assert steps(change(running, stopped), "me", externally_managed=False) == [Step.STOP]
    assert steps(change(None, stopped), "me", externally_managed=False) == []


@pytest.mark.parametrize("after", [{}, {"version": 1}], ids=["moved", "moved and changed"])
def test_an_external_instance_that_moves_goes_on(instance: MakeInstance, after: dict[str, int]) -> None:
    before = Assignment(instance=instance(instance_id=-1), workerId="me")
    moved = Assignment(instance=instance(instance_id=-1, **after), workerId="other")
    assert steps(change(before, moved), "me", externally_managed=True) == [Step.HAND_OVER]
    assert steps(change(before, moved), "other", externally_managed=True) == [Step.START]


def test_an_external_instance_is_updated_while_it_runs(instance: MakeInstance) -> None:
    made = [Assignment(instance=instance(instance_id=-1, version=version), workerId="me") for version in (0, 1)]
    assert steps(change(*made), "me", externally_managed=True) == [Step.HAND_OVER, Step.START]


def test_an_external_instance_is_stopped_when_none_shall_run(instance: MakeInstance) -> None:
    running, stopped = (
        Assignment(instance=one, workerId="me")
        for one in (instance(instance_id=-1), instance(instance_id=-1, version=1, i0=STOPPED))
    )
    assert steps(change(running, stopped), "me", externally_managed=True) == [Step.STOP]
