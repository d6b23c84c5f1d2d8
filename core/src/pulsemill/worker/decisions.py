"""What a worker does about an instance when its assignment changes. Pure.

Upstream: org.apache.pulsar.functions.worker.FunctionRuntimeManager.processAssignmentMessage.
"""

from collections.abc import Sequence
from enum import Enum, auto

from pulsemill.cluster.assignments import Reassignment
from pulsemill.cluster.scheduler import needs_start


class Step(Enum):
    """Something to do with a local instance."""

    STOP = auto()
    START = auto()
    HAND_OVER = auto()
    """Leave what runs of an externally managed function to its next version, here or on another worker."""


def steps(change: Reassignment, me: str, *, externally_managed: bool) -> Sequence[Step]:
    """The steps that a change asks of worker `me`, in order."""
    before, after = change.before, change.after
    was_mine = before is not None and before.workerId == me
    is_mine = after is not None and after.workerId == me
    result = []
    if was_mine:
        goes_on = externally_managed and after is not None and needs_start(after.instance)
        result.append(Step.HAND_OVER if goes_on else Step.STOP)
    if is_mine and after is not None and needs_start(after.instance):
        result.append(Step.START)
    return result
