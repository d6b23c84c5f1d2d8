"""Whose an object on the API server is: names of objects are no proof, two functions may get the same one. Pure.

`acme/a-b/c` and `acme/a/b-c` are both `pf-acme-a-b-c`, as upstream names them.
"""

from collections.abc import Mapping
from typing import Any, Final

from pulsemill.errors import PulsemillError

IDENTITY_LABELS: Final = ("component", "tenant", "namespace", "name")
_FUNCTION_LABELS: Final = ("tenant", "namespace", "name")
"""A source, a sink and a function never share these at the same time, so that one may follow the other."""

Json = Mapping[str, Any]


class NotOursError(PulsemillError):
    """An object's name is taken."""


def belongs_to_same(live: Json, planned: Json) -> bool:
    """Whether the labels of both objects name the same function; those of a live one may be anybody's."""
    return _function(live) == _function(planned)


def not_ours(live: Json, planned: Json) -> NotOursError:
    """What to tell when the planned object's name is taken."""
    metadata = planned["metadata"]
    place = f"{planned['kind']} {metadata['namespace']}/{metadata['name']}"
    owner = f"function {_text(live)}" if all(_function(live)) else "somebody else, having no labels of a function"
    return NotOursError(
        f"{place} of function {_text(planned)} belongs to {owner}, and is left alone: "
        "delete it, or give the function another name, jobName or jobNamespace"
    )


def _function(each: Json) -> tuple[str, ...]:
    labels = each["metadata"].get("labels") or {}
    return tuple(labels.get(name, "") for name in _FUNCTION_LABELS)


def _text(each: Json) -> str:
    return "/".join(_function(each))
