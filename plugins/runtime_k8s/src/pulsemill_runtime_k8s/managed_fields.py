"""What others set in the spec of an object becomes ours, so that the next apply removes what we do not want. Pure.

An apply removes only what its own field manager set before, as the API server records it in `metadata.managedFields`
(https://kubernetes.io/docs/reference/using-api/server-side-apply/).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]
Fields = dict[str, Any]
"""fieldsV1: `f:NAME` or `k:{KEY}` to the fields in it, `.` for the thing itself; what has none is owned as a whole."""

_SPARED: Final = ("f:template", "f:metadata", "f:annotations")
"""A restart, ours or that of `kubectl rollout restart`, is an annotation of the pods."""


def taken_over(live: Json, manager: str) -> Sequence[Json] | None:
    """The managedFields in which all that others set in `spec` is the manager's; None when they set nothing there."""
    entries: Sequence[Json] = live["metadata"].get("managedFields") or ()
    ours = next((each for each in entries if _is_applied_by(each, manager)), None)
    foreign = [each for each in entries if each is not ours and _taken(each)]
    if ours is None or not foreign:
        return None
    spec = _fields(ours).get("f:spec", {})
    for each in foreign:
        spec = _union(spec, _taken(each))
    untouched = [each for each in entries if each is not ours and each not in foreign]
    return [
        {**ours, "fieldsV1": {**_fields(ours), "f:spec": spec}},
        *untouched,
        *({**each, "fieldsV1": left} for each in foreign if (left := _left(each))),
    ]


def _is_applied_by(entry: Json, manager: str) -> bool:
    return (entry.get("manager"), entry.get("operation")) == (manager, "Apply") and not entry.get("subresource")


def _fields(entry: Json) -> Fields:
    fields: Fields = entry.get("fieldsV1") or {}
    return fields


def _taken(entry: Json) -> Fields:
    return {} if entry.get("subresource") else _without(_fields(entry).get("f:spec", {}), *_SPARED)


def _left(entry: Json) -> Fields:
    fields = _fields(entry)
    spared = fields["f:spec"]
    for name in _SPARED:
        spared = spared.get(name, {})
    outside = {name: value for name, value in fields.items() if name != "f:spec"}
    return outside | ({"f:spec": _nested(spared, *_SPARED)} if spared else {})


def _without(fields: Fields, first: str, *rest: str) -> Fields:
    """All but what is at a path, nor what is empty without it."""
    if first not in fields:
        return fields
    inner = _without(fields[first], *rest) if rest else {}
    return {name: value for name, value in fields.items() if name != first} | ({first: inner} if inner else {})


def _nested(fields: Fields, *path: str) -> Fields:
    for name in reversed(path):
        fields = {name: fields}
    return fields


def _union(first: Fields, second: Fields) -> Fields:
    return {name: _union(first.get(name, {}), second.get(name, {})) for name in (*first, *second)}
