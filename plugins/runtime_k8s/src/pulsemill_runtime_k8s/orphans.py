"""What belongs to no function any more: a worker died between two calls of a deletion or of a move. Pure.

Objects are ours by their field manager, and a function's by their labels and place, never by their name alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, FunctionState
from pulsemill_runtime_k8s.objects import is_managed_by, is_terminating
from pulsemill_runtime_k8s.ownership import IDENTITY_LABELS

Json = Mapping[str, Any]
Identity = tuple[str, ...]


@attrs.frozen
class Wanted:
    """A function that should run: the labels that identify it, and where its next start puts it, if that can be told.

    Until it is there, objects elsewhere are what runs: settings count from a function's next start only, and
    another worker may know newer ones.
    """

    labels: Mapping[str, str]
    place: tuple[str, str] | None


def should_run(metadata: FunctionMetaData) -> bool:
    """Whether any instance of a function is wanted."""
    states = metadata.instanceStates
    return not states or FunctionState.RUNNING in states.values()


def orphans(live: Sequence[Json], wanted: Iterable[Wanted], manager: str) -> list[Json]:
    """Those of the live objects that this cluster's workers made for functions that should not run, or moved away."""
    homes: dict[Identity, set[tuple[str, str] | None]] = defaultdict(set)
    for one in wanted:
        homes[identity(one.labels)].add(one.place)
    staying = [each for each in live if is_managed_by(each, manager) and not is_terminating(each)]
    present = {(identity_of(each), place_of(each)) for each in staying}
    moved = {whose for whose, places in homes.items() if all((whose, place) in present for place in places)}
    return [
        each
        for each in staying
        if (whose := identity_of(each)) not in homes or (whose in moved and place_of(each) not in homes[whose])
    ]


def identity(labels: Mapping[str, str]) -> Identity:
    """What the labels of a function's objects tell about whose they are. Two functions' may be alike."""
    return tuple(labels.get(name, "") for name in IDENTITY_LABELS)


def identity_of(live: Json) -> Identity:
    """Whose an object is."""
    return identity(live["metadata"]["labels"])


def place_of(live: Json) -> tuple[str, str]:
    """Namespace and name."""
    return live["metadata"]["namespace"], live["metadata"]["name"]
