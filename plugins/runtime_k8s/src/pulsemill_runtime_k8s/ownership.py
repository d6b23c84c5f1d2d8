"""Whose an object on the API server is: names of objects are no proof, two functions may get the same one. Pure.

`acme/a-b/c` and `acme/a/b-c` are both `pf-acme-a-b-c`, as upstream names them. Nor do labels tell of which Pulsar
cluster a function is; workers of Pulsemill are told apart by what the API server records as their field manager.
"""

from collections.abc import Mapping
from typing import Any, Final

from pulsemill.errors import PulsemillError

MANAGER_PREFIX: Final = "pulsemill:"
IDENTITY_LABELS: Final = ("component", "tenant", "namespace", "name")
_FUNCTION_LABELS: Final = ("tenant", "namespace", "name")
"""A source, a sink and a function never share these at the same time, so that one may follow the other."""

Json = Mapping[str, Any]


class NotOursError(PulsemillError):
    """An object's name is taken."""


def belongs_to_same(live: Json, planned: Json, manager: str) -> bool:
    """Whether a live object is that of the planned one's function, and no other workers than `manager` made it.

    One of a Java worker, or of nobody in particular, may be taken over by its labels, which may be anybody's.
    """
    return _function(live) == _function(planned) and not _other_workers(live, manager)


def not_ours(live: Json, planned: Json, manager: str) -> NotOursError:
    """What to tell when the planned object's name is taken."""
    metadata = planned["metadata"]
    place = f"{planned['kind']} {metadata['namespace']}/{metadata['name']}"
    return NotOursError(
        f"{place} of function {_text(planned)} belongs to {_owner(live, manager)}, and is left alone: "
        "delete it, or give the function another name, jobName or jobNamespace"
    )


def _owner(live: Json, manager: str) -> str:
    if not all(_function(live)):
        return "somebody else, having no labels of a function"
    others = _other_workers(live, manager)
    return f"function {_text(live)}" + (f" of the workers {others}" if others else "")


def _other_workers(live: Json, manager: str) -> str:
    """The field manager of other workers of Pulsemill that applied an object which these did not, "" for none."""
    entries = live["metadata"].get("managedFields") or ()
    applied = [str(each.get("manager")) for each in entries if each.get("operation") == "Apply"]
    return "" if manager in applied else next((each for each in applied if each.startswith(MANAGER_PREFIX)), "")


def _function(each: Json) -> tuple[str, ...]:
    labels = each["metadata"].get("labels") or {}
    return tuple(labels.get(name, "") for name in _FUNCTION_LABELS)


def _text(each: Json) -> str:
    return "/".join(_function(each))
