"""Which worker runs which instance, as the assignment topic tells.

Upstream: the assignment map of org.apache.pulsar.functions.worker.FunctionRuntimeManager.
"""

from collections.abc import Callable, Mapping, Sequence

import attrs

from pulsemill.cluster.records import AssignmentChange, Record, assignment_change
from pulsemill.names import FunctionName, InstanceName
from pulsemill_instance.proto.Function_pb2 import Assignment


@attrs.frozen
class Reassignment:
    """What an accepted change did to one instance; None is no assignment."""

    name: InstanceName
    before: Assignment | None
    after: Assignment | None


@attrs.define
class AssignmentTable:
    """Every assignment. `on_change` hears of each change after it was made."""

    on_change: Callable[[Reassignment], None] = lambda _: None
    _assignments: dict[InstanceName, Assignment] = attrs.field(factory=dict, init=False)

    def get(self, name: InstanceName) -> Assignment | None:
        """An instance's assignment."""
        return self._assignments.get(name)

    def all(self) -> Mapping[InstanceName, Assignment]:
        """Every assignment as of now."""
        return dict(self._assignments)

    def of_function(self, name: FunctionName) -> Sequence[Assignment]:
        """A function's assignments, by instance id."""
        return [self._assignments[instance] for instance in sorted(self._assignments) if instance.function == name]

    def by_worker(self) -> Mapping[str, Sequence[InstanceName]]:
        """The instances of each worker that has any, in order."""
        workers: dict[str, list[InstanceName]] = {}
        for name in sorted(self._assignments):
            workers.setdefault(self._assignments[name].workerId, []).append(name)
        return workers

    def apply_record(self, record: Record) -> None:
        """Take in a message of the topic; RecordError when it is none of ours."""
        self.apply(assignment_change(record))

    def apply(self, change: AssignmentChange) -> None:
        """Take a change in; what is known already changes nothing."""
        before = self._assignments.get(change.name)
        if before == change.assignment:
            return
        if change.assignment is None:
            del self._assignments[change.name]
        else:
            self._assignments[change.name] = change.assignment
        self.on_change(Reassignment(change.name, before, change.assignment))
