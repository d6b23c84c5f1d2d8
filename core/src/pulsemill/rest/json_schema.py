"""JSON schemas of the configuration models, from their type hints (as `pulsemill.functions.reading` reads them)."""

from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import attrs

from pulsemill.functions.json_names import json_name

_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": ["string", "null"]},
    bool: {"type": ["boolean", "null"]},
    float: {"type": ["number", "null"]},
    Any: {},
}


def schema_of(model: type[attrs.AttrsInstance]) -> dict[str, Any]:
    """The schema of a model class; every field may be left out or null."""
    hints = get_type_hints(model, include_extras=True)
    properties = {json_name(field.name): _schema(hints[field.name]) for field in attrs.fields(model)}
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _schema(hint: Any) -> dict[str, Any]:
    if isinstance(hint, UnionType) or NoneType in get_args(hint):
        hint = next(option for option in get_args(hint) if option is not NoneType)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if attrs.has(hint):
        return schema_of(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [*(member.value for member in hint), None]}
    if get_origin(hint) is tuple:
        return {"type": ["array", "null"], "items": _item(get_args(hint)[0])}
    if get_origin(hint) is dict:
        return {"type": ["object", "null"], "additionalProperties": _item(get_args(hint)[1])}
    bound = get_args(hint)[1]
    return {"type": ["integer", "null"], "minimum": -bound, "maximum": bound - 1}


def _item(hint: Any) -> dict[str, Any]:
    """What lists and maps hold is never null."""
    schema = _schema(hint)
    if "type" not in schema:
        return schema
    return {**schema, "type": [each for each in schema["type"] if each != "null"]}
