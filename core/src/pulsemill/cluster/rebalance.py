"""Evens out how many instances each worker runs. Pure.

Upstream: the rebalance of org.apache.pulsar.functions.worker.scheduler.RoundRobinScheduler.
"""

from collections.abc import Collection, Mapping, Sequence

from pulsemill.cluster.records import AssignmentChange
from pulsemill.cluster.scheduler import is_pinned
from pulsemill.names import InstanceName
from pulsemill_instance.proto.Function_pb2 import Assignment


def rebalance(assigned: Mapping[InstanceName, Assignment], workers: Collection[str]) -> Sequence[AssignmentChange]:
    """Move instances from the fullest worker to the emptiest until they differ by at most one.

    Pinned instances, and those of workers that are not among `workers`, stay where they are.
    """
    movable: dict[str, list[InstanceName]] = {worker: [] for worker in sorted(workers)}
    for name in sorted(assigned):
        if assigned[name].workerId in movable and not is_pinned(name):
            movable[assigned[name].workerId].append(name)
    moved: dict[InstanceName, str] = {}
    while movable and len(fullest := max(movable.values(), key=len)) - min(map(len, movable.values())) > 1:
        emptiest = min(movable, key=lambda worker: len(movable[worker]))
        name = fullest.pop(0)
        movable[emptiest].append(name)
        moved[name] = emptiest
    return [
        AssignmentChange(name, Assignment(instance=assigned[name].instance, workerId=worker))
        for name, worker in moved.items()
    ]
