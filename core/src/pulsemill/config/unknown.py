"""Keys that nothing takes, and what their writer may have meant."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

import attrs

from pulsemill.config.annotations import is_collection, without_null
from pulsemill.config.keys import key_name


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like a name, "" when none does."""
    by_lower_case = {each.lower(): each for each in known}
    matches = difflib.get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.7)
    return by_lower_case[matches[0]] if matches else ""


def hint(name: str, known: Iterable[str]) -> str:
    """A sentence's end that suggests the nearest known name, if there is one."""
    match = nearest(name, known)
    return f"; did you mean {match}?" if match else ""


def unknown_keys(mapping: Any, cls: type[Any], path: str = "") -> Iterator[tuple[str, str]]:
    """The keys that no attribute of an attrs class takes, as (path, hint at the nearest key)."""
    if not isinstance(mapping, Mapping):
        return
    types = {key_name(field): without_null(field.type) for field in attrs.fields(attrs.resolve_types(cls))}
    for name, value in mapping.items():
        child = f"{path}.{name}" if path else str(name)
        if name not in types:
            yield child, _nested_hint(str(name), types) or hint(str(name), types)
        else:
            yield from _unknown_within(value, types[name], child)


def _nested_hint(name: str, types: Mapping[str, Any]) -> str:
    """A sentence's end for a key `a.b`, where `b` stands in the mapping `a`; "" for any other."""
    mapping, _, inner = name.partition(".")
    return f"; write it as {mapping}: {{{inner}: ...}}" if inner and attrs.has(types.get(mapping, str)) else ""


def _unknown_within(value: Any, annotation: Any, path: str) -> Iterator[tuple[str, str]]:
    if attrs.has(annotation):
        yield from unknown_keys(value, annotation, path)
    elif is_collection(annotation) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown_within(item, next(iter(get_args(annotation)), Any), f"{path}[{index}]")
