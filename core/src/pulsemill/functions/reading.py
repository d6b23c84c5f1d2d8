"""Reads FunctionConfig JSON strictly: unknown fields, wrong types and bad enum values are refused by their path.

Upstream's stand-alone worker refuses them too (Jackson); its embedded one drops them silently. As Jackson does, numbers
and booleans are also taken from strings that spell them.
"""

import difflib
import json
import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NoReturn, TypeVar, get_args, get_origin, get_type_hints

import attrs

from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.json_names import attributes_by_json_name
from pulsemill.functions.model import ConsumerConfig, FunctionConfig

_MAX_SHOWN = 60

Model = TypeVar("Model", bound=attrs.AttrsInstance)


def read_function_config(text: str | bytes) -> FunctionConfig:
    """Read the JSON text of a FunctionConfig; raises InvalidFunctionConfigError."""
    return read_object(FunctionConfig, parse_json(text, "functionConfig"), "functionConfig")


def read_consumer_config(text: str, path: str) -> ConsumerConfig:
    """Read a ConsumerConfig given as JSON text within another field; raises InvalidFunctionConfigError."""
    return read_object(ConsumerConfig, parse_json(text, path), path)


def parse_json(text: str | bytes, path: str) -> object:
    """Parse JSON without the extensions of Python's parser (NaN, infinities)."""
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidFunctionConfigError(f"{path} is not valid JSON: {why}") from error


def read_object(model: type[Model], value: object, path: str) -> Model:
    """Structure a JSON object into a model class."""
    if not isinstance(value, Mapping):
        _refuse(path, "an object", value)
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
        return _read_enum(hint, value, path)
    if get_origin(hint) is tuple:
        return _read_list(get_args(hint)[0], value, path)
    if get_origin(hint) is dict:
        return _read_map(get_args(hint)[1], value, path)
    return _read_int(value, path, bound=get_args(hint)[1])


def _read_list(hint: Any, value: object, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        _refuse(path, "a list", value)
    return tuple(_read_item(hint, item, f"{path}[{index}]") for index, item in enumerate(value))


def _read_map(hint: Any, value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        _refuse(path, "an object", value)
    return {_read_str(key, path): _read_item(hint, item, f"{path}[{key!r}]") for key, item in value.items()}


def _read_item(hint: Any, value: object, path: str) -> Any:
    if hint is Any:
        return value
    if value is None:
        _refuse(path, "a value", value)
    return _read(hint, value, path)


def _read_enum(enum: type[StrEnum], value: object, path: str) -> StrEnum:
    known = [member.value for member in enum]
    if value not in known:
        raise InvalidFunctionConfigError(f"{path}: {value!r} is not one of {', '.join(known)}{_nearest(value, known)}")
    return enum(value)


def _read_str(value: object, path: str) -> str:
    if not isinstance(value, str):
        _refuse(path, "a string", value)
    if not _is_utf8(value):
        _refuse(path, "text that UTF-8 can encode", value)
    return value


def _read_bool(value: object, path: str) -> bool:
    spelt = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    if not isinstance(spelt, bool):
        _refuse(path, "true or false", value)
    return spelt


def _read_float(value: object, path: str) -> float:
    number = _number(value)
    if number is None or not math.isfinite(number):
        _refuse(path, "a number", value)
    return float(number)


def _read_int(value: object, path: str, bound: int) -> int:
    number = _number(value)
    if number is None or number != int(number) or not -bound <= number < bound:
        _refuse(path, f"a whole number from {-bound} to {bound - 1}", value)
    return int(number)


_SCALARS: dict[Any, Callable[[object, str], object]] = {str: _read_str, bool: _read_bool, float: _read_float}


def _number(value: object) -> float | int | None:
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=_finite, parse_constant=_finite)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a number that JSON can hold")
    return number


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _unknown(path: str, key: str, names: Mapping[str, str]) -> str:
    return f"{path} has no field {key!r}{_nearest(key, list(names))}"


def _nearest(given: object, known: list[str]) -> str:
    lowered = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(given).lower(), lowered, n=1)
    return f"; did you mean {lowered[close[0]]}?" if close else ""


def _refuse(path: str, expected: str, value: object) -> NoReturn:
    raise InvalidFunctionConfigError(f"{path}: expected {expected}, not {_shown(value)}")


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
