"""What belongs to no function any more: a worker died between two calls of a deletion. Pure.

Objects are ours by their field manager, and a function's by their labels and place, never by their name alone.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs

from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, FunctionState
from pulsemill_runtime_k8s.objects import is_managed_by, is_terminating
from pulsemill_runtime_k8s.ownership import IDENTITY_LABELS

Json = Mapping[str, Any]


@attrs.frozen
class Wanted:
    """A function that should run: the labels that identify it, and every place that it may have objects in.

    There is more than one place after a change of the settings, which count from a function's next start.
    """

    labels: Mapping[str, str]
    places: Collection[tuple[str, str]]


def should_run(metadata: FunctionMetaData) -> bool:
    """Whether any instance of a function is wanted."""
    states = metadata.instanceStates
    return not states or FunctionState.RUNNING in states.values()


def orphans(live: Iterable[Json], wanted: Iterable[Wanted], manager: str) -> list[Json]:
    """Those of the live objects that this cluster's workers made for functions that should not run, or not there."""
    places = {(_identity(one.labels), place) for one in wanted for place in one.places}
    return [
        each
        for each in live
        if is_managed_by(each, manager)
        and not is_terminating(each)
        and (_identity(each["metadata"]["labels"]), _place(each)) not in places
    ]


def _identity(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in IDENTITY_LABELS)


def _place(live: Json) -> tuple[str, str]:
    return live["metadata"]["namespace"], live["metadata"]["name"]
