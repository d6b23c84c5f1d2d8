"""Which instances there should be and who should run them. Pure functions.

Upstream: org.apache.pulsar.functions.worker.SchedulerManager and scheduler.RoundRobinScheduler.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol

from pulsemill.cluster.records import AssignmentChange
from pulsemill.instance_ids import instance_ids
from pulsemill.names import InstanceName
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionMetaData, FunctionState, Instance

ALL_INSTANCES: Final = -1
"""The instance id of a function whose runtime takes all its instances at once."""

HEARTBEAT: Final = ("pulsar-function", "heartbeat")
"""Tenant and namespace of functions that run on the worker they are named after."""


class Scheduler(Protocol):
    """Places instances that nobody runs."""

    def schedule(
        self, unassigned: Sequence[Instance], current: Collection[Assignment], workers: Collection[str]
    ) -> Sequence[Assignment]:
        """An assignment for each unassigned instance; `current` holds those of available workers."""


class RoundRobinScheduler:
    """Gives each instance to the worker that has the fewest, the first by id among equals."""

    def schedule(
        self, unassigned: Sequence[Instance], current: Collection[Assignment], workers: Collection[str]
    ) -> Sequence[Assignment]:
        """Place each instance; nothing when there is no worker."""
        load = Counter(dict.fromkeys(workers, 0))
        load.update(assignment.workerId for assignment in current if assignment.workerId in load)
        placed = []
        for instance in unassigned if load else ():
            worker = min(sorted(load), key=lambda one: load[one])
            load[worker] += 1
            placed.append(Assignment(instance=instance, workerId=worker))
        return placed


def wanted_instances(
    functions: Iterable[FunctionMetaData], *, externally_managed: bool
) -> Mapping[InstanceName, Instance]:
    """Every instance that should have an assignment, stopped ones too."""
    instances = (one for metadata in functions for one in instances_of(metadata, externally_managed=externally_managed))
    return {InstanceName.of(instance): instance for instance in instances}


def instances_of(metadata: FunctionMetaData, *, externally_managed: bool) -> Sequence[Instance]:
    """A function's instances: one per parallelism, or the one that stands for all."""
    ids = (ALL_INSTANCES,) if externally_managed else instance_ids(metadata.functionDetails)
    return [Instance(functionMetaData=metadata, instanceId=instance_id) for instance_id in ids]


def needs_start(instance: Instance) -> bool:
    """Whether an instance should run, by the states that start and stop requests wrote."""
    states = instance.functionMetaData.instanceStates
    if not states:
        return True
    if instance.instanceId == ALL_INSTANCES:
        return FunctionState.RUNNING in states.values()
    return states.get(instance.instanceId, FunctionState.RUNNING) == FunctionState.RUNNING


def plan(
    wanted: Mapping[InstanceName, Instance],
    assigned: Mapping[InstanceName, Assignment],
    workers: Collection[str],
    lost: Collection[str],
    scheduler: Scheduler,
) -> Sequence[AssignmentChange]:
    """The changes that bring the assignments in line with what is wanted, in the order to write them.

    Instances of `lost` workers are placed anew. Heartbeat functions are pinned and bypass the scheduler.
    """
    free = {name: instance for name, instance in wanted.items() if not is_pinned(name)}
    kept = {name: one for name, one in assigned.items() if name in free and one.workerId not in lost}
    homeless = [instance for name, instance in free.items() if name not in kept]
    current = [one for one in kept.values() if one.workerId in workers]
    placed = [*scheduler.schedule(homeless, current, workers), *_heartbeats(wanted, workers)]
    return [
        *(AssignmentChange(name, None) for name in assigned if name not in wanted),
        *_updated(wanted, kept),
        *(change for change in map(_assigned, placed) if assigned.get(change.name) != change.assignment),
    ]


def _assigned(assignment: Assignment) -> AssignmentChange:
    return AssignmentChange(InstanceName.assigned(assignment), assignment)


def _updated(
    wanted: Mapping[InstanceName, Instance], kept: Mapping[InstanceName, Assignment]
) -> Iterable[AssignmentChange]:
    for name, assignment in kept.items():
        if assignment.instance != wanted[name]:
            yield AssignmentChange(name, Assignment(instance=wanted[name], workerId=assignment.workerId))


def _heartbeats(wanted: Mapping[InstanceName, Instance], workers: Collection[str]) -> Iterable[Assignment]:
    for name, instance in wanted.items():
        if is_pinned(name) and name.function.name in workers:
            yield Assignment(instance=instance, workerId=name.function.name)


def is_pinned(name: InstanceName) -> bool:
    """Whether an instance runs on the worker that its function is named after."""
    return (name.function.tenant, name.function.namespace) == HEARTBEAT
