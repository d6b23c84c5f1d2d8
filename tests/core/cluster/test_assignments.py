"""Who runs what, as the assignment topic tells."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from pulsemill.cluster.assignments import AssignmentTable, Reassignment
from pulsemill.cluster.records import AssignmentChange, assignment_record
from pulsemill.names import FunctionName, InstanceName
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionMetaData, Instance

MakeFunction = Callable[..., FunctionMetaData]
MakeAssignment = Callable[..., Assignment]

NAME = InstanceName(FunctionName("public", "default", "exclaim"), 0)

changes = st.builds(
    lambda instance_id, worker: AssignmentChange(
        InstanceName(FunctionName("t", "n", "f"), instance_id),
        Assignment(instance=Instance(instanceId=instance_id), workerId=worker) if worker else None,
    ),
    st.integers(0, 2),
    st.sampled_from(["w1", "w2", ""]),
)


def test_each_change_is_told_once_with_what_was_before(function: MakeFunction, assigned: MakeAssignment) -> None:
    told: list[Reassignment] = []
    table = AssignmentTable(told.append)
    first, moved = assigned(function(), "w1"), assigned(function(), "w2")
    for assignment in (first, first, moved, None, None):
        table.apply(AssignmentChange(NAME, assignment))
    assert told == [
        Reassignment(NAME, None, first),
        Reassignment(NAME, first, moved),
        Reassignment(NAME, moved, None),
    ]


@given(st.lists(changes))
def test_the_last_word_on_each_instance_counts(history: list[AssignmentChange]) -> None:
    table = AssignmentTable()
    for change in history:
        table.apply(change)
    last = {change.name: change.assignment for change in history}
    assert table.all() == {name: assignment for name, assignment in last.items() if assignment}


def test_records_of_the_topic_are_taken_in(function: MakeFunction, assigned: MakeAssignment) -> None:
    table = AssignmentTable()
    table.apply_record(assignment_record(AssignmentChange(NAME, assigned(function()))))
    assert table.get(NAME) == assigned(function())


def test_views_are_in_order(function: MakeFunction, assigned: MakeAssignment) -> None:
    table = AssignmentTable()
    for instance_id, worker in ((2, "w1"), (0, "w2"), (1, "w1")):
        assignment = assigned(function(), worker, instance_id)
        table.apply(AssignmentChange(InstanceName.assigned(assignment), assignment))
    assert [one.instance.instanceId for one in table.of_function(NAME.function)] == [0, 1, 2]
    assert {worker: [name.instance_id for name in names] for worker, names in table.by_worker().items()} == {
        "w1": [1, 2],
        "w2": [0],
    }
