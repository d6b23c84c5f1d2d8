"""How metadata and assignments are written as messages. Pure functions; the formats are upstream's.

Upstream: FunctionMetaDataManager and SchedulerManager (what they publish), FunctionMetaDataTopicTailer and
FunctionAssignmentTailer (what they accept).
"""

import uuid
from collections.abc import Mapping

import attrs
from google.protobuf.message import DecodeError

from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName, InstanceName
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionMetaData
from pulsemill_instance.proto.Request_pb2 import ServiceRequest

VERSION = "version"


class RecordError(PulsemillError):
    """A message on an internal topic that is not what belongs there."""


class OtherFormatError(RecordError):
    """Metadata as workers write it whose `useCompactedMetadataTopic` is not this one's."""


@attrs.frozen
class Record:
    """A message to write to, or read from, an internal topic. An empty payload deletes what the key names.

    `written` is the time at which a message that is read was published, in seconds since 1970.
    """

    payload: bytes
    key: str = ""
    properties: Mapping[str, str] = attrs.field(factory=dict)
    written: float | None = attrs.field(default=None, eq=False)


@attrs.frozen
class MetadataChange:
    """A function was written (`metadata` set) or deleted, at a version."""

    name: FunctionName
    version: int
    metadata: FunctionMetaData | None


@attrs.frozen
class AssignmentChange:
    """An instance was assigned to a worker, or (None) to nobody."""

    name: InstanceName
    assignment: Assignment | None


def metadata_record(metadata: FunctionMetaData, *, delete: bool, worker_id: str, compacted: bool) -> Record:
    """A change of a function's metadata: a ServiceRequest, or, on a compacted topic, the keyed metadata itself."""
    properties = {VERSION: str(metadata.version)}
    if compacted:
        name = str(FunctionName.of(metadata.functionDetails))
        return Record(b"" if delete else metadata.SerializeToString(), name, properties)
    request = ServiceRequest(
        serviceRequestType=ServiceRequest.DELETE if delete else ServiceRequest.UPDATE,
        requestId=str(uuid.uuid4()),
        functionMetaData=metadata,
        workerId=worker_id,
    )
    return Record(request.SerializeToString(), properties=properties)


def metadata_change(record: Record, *, compacted: bool) -> MetadataChange:
    """Read what `metadata_record` wrote; OtherFormatError if it did with the other `compacted`, else RecordError."""
    try:
        return _change(record, compacted=compacted)
    except RecordError:
        if _is_change(record, compacted=not compacted):
            raise _other_format(compacted=compacted) from None
        raise


def _is_change(record: Record, *, compacted: bool) -> bool:
    try:
        _change(record, compacted=compacted)
    except RecordError:
        return False
    return True


def _other_format(*, compacted: bool) -> OtherFormatError:
    here, there = ("true", "false") if compacted else ("false", "true")
    return OtherFormatError(
        f"it was written by a worker with useCompactedMetadataTopic: {there}, and this worker has {here}. Set it to "
        f"{there} here: it must be the same on all workers of a topic, Java ones included."
    )


def _change(record: Record, *, compacted: bool) -> MetadataChange:
    try:
        return _compacted_change(record) if compacted else _requested_change(record)
    except (DecodeError, ValueError) as error:
        raise RecordError(f"not a function's metadata: {error}") from error


def _requested_change(record: Record) -> MetadataChange:
    request = ServiceRequest.FromString(record.payload)
    kind = request.serviceRequestType
    if kind not in {ServiceRequest.UPDATE, ServiceRequest.DELETE}:
        raise RecordError(f"a service request of type {kind}, expected UPDATE or DELETE")
    metadata = request.functionMetaData
    return MetadataChange(_name(metadata), metadata.version, None if kind == ServiceRequest.DELETE else metadata)


def _compacted_change(record: Record) -> MetadataChange:
    if not record.key:
        raise RecordError("a message without key on a compacted topic")
    version = int(record.properties.get(VERSION, ""))
    if not record.payload:
        tenant, namespace, name = record.key.split("/", 2)
        return MetadataChange(FunctionName(tenant, namespace, name), version, None)
    metadata = FunctionMetaData.FromString(record.payload)
    return MetadataChange(_name(metadata), version, metadata)


def _name(metadata: FunctionMetaData) -> FunctionName:
    name = FunctionName.of(metadata.functionDetails)
    if not (name.tenant and name.namespace and name.name):
        raise RecordError(f"metadata of a function without a full name: {str(name)!r}")
    return name


def assignment_record(change: AssignmentChange) -> Record:
    """An assignment keyed by its instance; a tombstone is an empty payload."""
    return Record(change.assignment.SerializeToString() if change.assignment else b"", str(change.name))


def assignment_change(record: Record) -> AssignmentChange:
    """Read what `assignment_record` wrote; RecordError for anything else."""
    try:
        name = InstanceName.parse(record.key)
        assignment = Assignment.FromString(record.payload) if record.payload else None
    except (DecodeError, ValueError) as error:
        raise RecordError(f"not an assignment, key {record.key!r}: {error}") from error
    if assignment and InstanceName.assigned(assignment) != name:
        raise RecordError(f"an assignment of {InstanceName.assigned(assignment)} under the key {record.key!r}")
    return AssignmentChange(name, assignment)
