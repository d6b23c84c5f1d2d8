"""Writes FunctionConfig as JSON the way upstream's stand-alone worker does: every field, absent ones as null."""

from enum import StrEnum
from typing import Any

import attrs

from pulsemill.functions.json_names import json_name


def to_json(value: Any) -> Any:
    """The JSON shape of a model object or of anything within one."""
    if attrs.has(type(value)):
        return {json_name(field.name): to_json(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def given_to_json(value: Any) -> Any:
    """As `to_json`, without the fields that are None (as Gson writes the windows into userConfig)."""
    return {key: item for key, item in to_json(value).items() if item is not None}
