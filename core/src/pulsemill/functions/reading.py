"""Reads FunctionConfig JSON strictly: unknown fields, wrong types and bad enum values are refused by their path.

Upstream's stand-alone worker refuses them too (Jackson); its embedded one drops them silently. As Jackson does, numbers
and booleans are also taken from strings that spell them, and the other way round.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import attrs

from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.json_names import attributes_by_json_name
from pulsemill.functions.json_text import parse_json
from pulsemill.functions.model import ConsumerConfig, FunctionConfig
from pulsemill.functions.scalars import nearest, read_bool, read_enum, read_float, read_int, read_str, refuse

Model = TypeVar("Model", bound=attrs.AttrsInstance)

OLD_INPUT: Final = "topicName"
"""What a YAML file of a function in Pulsar's documentation calls its input."""


def read_function_config(text: str | bytes) -> FunctionConfig:
    """Read the JSON text of a FunctionConfig; raises InvalidFunctionConfigError."""
    return read_config(FunctionConfig, text, "functionConfig")


def read_config(model: type[Model], text: str | bytes, path: str) -> Model:
    """Read the JSON text of any configuration; `path` is what errors call it."""
    return read_object(model, parse_json(text, path), path)


def read_consumer_config(text: str, path: str) -> ConsumerConfig:
    """Read a ConsumerConfig given as JSON text within another field; raises InvalidFunctionConfigError."""
    return read_config(ConsumerConfig, text, path)


def read_object(model: type[Model], value: object, path: str) -> Model:
    """Structure a JSON object into a model class."""
    if not isinstance(value, Mapping):
        refuse(path, "an object", value)
    names = attributes_by_json_name(model)
    hints = _hints(model)
    given: dict[str, Any] = {}
    for key, item in value.items():
        if key not in names:
            raise InvalidFunctionConfigError(_unknown(path, key, names))
        read = _read(hints[names[key]], item, f"{path}.{key}")
        if read != given.setdefault(names[key], read):
            raise InvalidFunctionConfigError(f"{path}.{key} is given twice, with different values")
    return model(**{name: item for name, item in given.items() if item is not None})


@cache
def _hints(model: type[Any]) -> dict[str, Any]:
    return get_type_hints(model, include_extras=True)


def _read(hint: Any, value: object, path: str) -> Any:
    if value is None:
        return None
    if isinstance(hint, UnionType) or NoneType in get_args(hint):
        hint = next(option for option in get_args(hint) if option is not NoneType)
    if hint in _SCALARS:
        return _SCALARS[hint](value, path)
    if attrs.has(hint):
        return read_object(hint, value, path)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return read_enum(hint, value, path)
    if get_origin(hint) is tuple:
        return _read_list(get_args(hint)[0], value, path)
    if get_origin(hint) is dict:
        return _read_map(get_args(hint)[1], value, path)
    return read_int(value, path, bound=get_args(hint)[1])


def _read_list(hint: Any, value: object, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        refuse(path, "a list", value)
    return tuple(_read_item(hint, item, f"{path}[{index}]") for index, item in enumerate(value))


def _read_map(hint: Any, value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        refuse(path, "an object", value)
    return {read_str(key, path): _read_item(hint, item, f"{path}[{key!r}]") for key, item in value.items()}


def _read_item(hint: Any, value: object, path: str) -> Any:
    if hint is Any:
        return value
    if value is None:
        refuse(path, "a value", value)
    return _read(hint, value, path)


_SCALARS: dict[Any, Callable[[object, str], object]] = {str: read_str, bool: read_bool, float: read_float}


def _unknown(path: str, key: str, names: Mapping[str, str]) -> str:
    if key == OLD_INPUT and "inputs" in names:
        meant = "; the topics to read are a list, inputs, or inputSpecs, which also says how each is read"
    else:
        meant = nearest(key, list(names))
    return f"{path} has no field {key!r}{meant}"
