"""Reads single JSON values, each refused by its path when it is of another type."""

import difflib
import json
import math
import sys
from enum import StrEnum
from typing import NoReturn

from pulsemill.functions.errors import InvalidFunctionConfigError

_MAX_SHOWN = 60
_MAX_NUMBER = sys.float_info.max


def read_enum(enum: type[StrEnum], value: object, path: str) -> StrEnum:
    """A member of an enumeration, by its value."""
    known = [member.value for member in enum]
    if value not in known:
        raise InvalidFunctionConfigError(f"{path}: {value!r} is not one of {', '.join(known)}{nearest(value, known)}")
    return enum(value)


def read_str(value: object, path: str) -> str:
    """Text, also given as a number or a boolean."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if not isinstance(value, str):
        refuse(path, "a string", value)
    return value


def read_bool(value: object, path: str) -> bool:
    """A boolean, also spelt as a string, or as a whole number that is zero or not."""
    spelt = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    if isinstance(spelt, int):
        return bool(spelt)
    if not isinstance(spelt, bool):
        refuse(path, "true or false", value)
    return spelt


def read_float(value: object, path: str) -> float:
    """A finite number, also spelt as a string."""
    number = _number(value)
    if number is None:
        refuse(path, "a number", value)
    return float(number)


def read_int(value: object, path: str, bound: int) -> int:
    """A whole number from -bound to bound - 1, also spelt as a string or with a zero fraction."""
    number = _number(value)
    if number is None or number != int(number) or not -bound <= number < bound:
        refuse(path, f"a whole number from {-bound} to {bound - 1}", value)
    return int(number)


def _number(value: object) -> float | int | None:
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=finite, parse_constant=finite)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if abs(value) <= _MAX_NUMBER else None


def finite(text: str) -> float:
    """A number for Python's JSON parser, without its NaN and infinities."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a number that JSON can hold")
    return number


def nearest(given: object, known: list[str]) -> str:
    """What the writer of an unknown name may have meant, as the end of a sentence; empty when nothing is near."""
    lowered = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(given).lower(), lowered, n=1)
    return f"; did you mean {lowered[close[0]]}?" if close else ""


def refuse(path: str, expected: str, value: object) -> NoReturn:
    """Raise InvalidFunctionConfigError that says where, what was expected and what was found."""
    shown = "what was given" if ".secrets" in path else _shown(value)
    raise InvalidFunctionConfigError(f"{path}: expected {expected}, not {shown}")


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
