"""The messages of the internal topics, as upstream writes and reads them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.cluster.records import (
    AssignmentChange,
    OtherFormatError,
    Record,
    RecordError,
    assignment_change,
    assignment_record,
    metadata_change,
    metadata_record,
)
from pulsemill.cluster.scheduler import instances_of
from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.lifecycle import with_state
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionMetaData, FunctionState
from pulsemill_instance.proto.Request_pb2 import ServiceRequest

MakeFunction = Callable[..., FunctionMetaData]
MakeAssignment = Callable[..., Assignment]


@pytest.mark.parametrize("compacted", [False, True])
@pytest.mark.parametrize("delete", [False, True])
def test_metadata_comes_back_as_it_was_written(function: MakeFunction, compacted: bool, delete: bool) -> None:
    metadata = function(version=7)
    record = metadata_record(metadata, delete=delete, worker_id="w1", compacted=compacted)
    change = metadata_change(record, compacted=compacted)
    assert change.name == FunctionName("public", "default", "exclaim")
    assert change.version == 7
    assert change.metadata == (None if delete else metadata)
    assert record.properties == {"version": "7"}


def test_a_service_request_names_its_worker_and_has_no_key(function: MakeFunction) -> None:
    record = metadata_record(function(), delete=True, worker_id="w1", compacted=False)
    request = ServiceRequest.FromString(record.payload)
    assert request.serviceRequestType == ServiceRequest.DELETE
    assert request.workerId == "w1"
    assert request.requestId
    assert record.key == ""


def test_a_compacted_delete_is_a_keyed_tombstone(function: MakeFunction) -> None:
    record = metadata_record(function(version=3), delete=True, worker_id="w1", compacted=True)
    assert record == Record(b"", "public/default/exclaim", {"version": "3"})


@pytest.mark.parametrize(
    ("record", "compacted", "complaint"),
    [
        (Record(b"\xff\xff\xff"), False, "not a function's metadata"),
        (Record(b""), False, "without a full name"),
        (Record(ServiceRequest(serviceRequestType=ServiceRequest.INITIALIZE).SerializeToString()), False, "type 2"),
        (Record(b"x"), True, "without key"),
        (Record(b"", "public/default/f", {}), True, "not a function's metadata"),
        (Record(b"", "nonsense", {"version": "1"}), False, "without a full name"),
        (Record(b"", "nonsense", {"version": "1"}), True, "not a function's metadata"),
        (Record(b"\xff", "public/default/f", {"version": "1"}), True, "not a function's metadata"),
    ],
)
def test_poisonous_metadata_is_refused_with_a_reason(record: Record, compacted: bool, complaint: str) -> None:
    with pytest.raises(RecordError, match=complaint) as refusal:
        metadata_change(record, compacted=compacted)
    assert not isinstance(refusal.value, OtherFormatError)


@pytest.mark.parametrize(("compacted", "there"), [(True, "false"), (False, "true")])
@pytest.mark.parametrize("delete", [False, True])
def test_metadata_in_the_other_format_names_the_key_and_its_right_value(
    function: MakeFunction, compacted: bool, there: str, delete: bool
) -> None:
    record = metadata_record(function(version=7), delete=delete, worker_id="w1", compacted=not compacted)
    with pytest.raises(OtherFormatError, match=f"useCompactedMetadataTopic: {there}, .* Set it to {there} here"):
        metadata_change(record, compacted=compacted)


def test_an_assignment_is_keyed_by_its_instance(function: MakeFunction, assigned: MakeAssignment) -> None:
    assignment = assigned(function(), "w1", 3)
    record = assignment_record(AssignmentChange(InstanceName.assigned(assignment), assignment))
    assert record.key == "public/default/exclaim:3"
    assert assignment_change(record).assignment == assignment


def test_an_unassignment_is_an_empty_payload() -> None:
    name = InstanceName(FunctionName("t", "n", "f"), 0)
    record = assignment_record(AssignmentChange(name, None))
    assert record == Record(b"", "t/n/f:0")
    assert assignment_change(record) == AssignmentChange(name, None)


@given(st.binary(), st.text())
def test_garbage_among_assignments_is_a_record_error_or_an_assignment(payload: bytes, key: str) -> None:
    try:
        change = assignment_change(Record(payload, key))
    except RecordError:
        return
    assert change.assignment is None or InstanceName.assigned(change.assignment) == change.name


def test_an_assignment_under_another_key_is_refused(function: MakeFunction, assigned: MakeAssignment) -> None:
    with pytest.raises(RecordError, match="under the key 't/n/f:0'"):
        assignment_change(Record(assigned(function()).SerializeToString(), "t/n/f:0"))


# Field 1000, of three bytes: what a worker of a later release may write.
NEWER = b"\xc2\x3e\x03new"


@pytest.mark.parametrize("compacted", [False, True])
def test_what_a_newer_worker_wrote_is_kept(function: MakeFunction, compacted: bool) -> None:
    newer = FunctionMetaData.FromString(function().SerializeToString() + NEWER)
    written = metadata_record(newer, delete=False, worker_id="w2", compacted=compacted)
    read = metadata_change(written, compacted=compacted).metadata
    assert read
    changed = with_state(read, 0, FunctionState.STOPPED)
    again = metadata_record(changed, delete=False, worker_id="w1", compacted=compacted)
    assert NEWER in again.payload
    (instance,) = instances_of(read, externally_managed=False)
    change = AssignmentChange(InstanceName.of(instance), Assignment(instance=instance, workerId="w1"))
    assert NEWER in assignment_record(change).payload
    assert assignment_change(assignment_record(change)) == change
