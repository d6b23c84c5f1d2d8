"""What single values from YAML or the environment become.

Coerced is what cannot surprise: quoted numbers, yes/no, on/off and 1/0 for true and false, numbers for text. Refused is
what upstream would bend: 3.7 for a whole number, a single value for a list.
"""

import math
from typing import Any, Final

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})
_SHOWN_CHARACTERS: Final = 60


class MismatchError(ValueError):
    """A value is not of the expected form; `expected` completes "expected ..."."""

    def __init__(self, value: Any, expected: str) -> None:
        super().__init__(f"expected {expected}, got {shown(value)}")
        self.expected = expected


def shown(value: Any) -> str:
    """A value as an error shows it, in one short line."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def to_bool(value: Any) -> bool:
    """True or false."""
    text = str(value).strip().lower()
    if isinstance(value, (bool, int, str)) and text in _TRUE | _FALSE:
        return text in _TRUE
    raise MismatchError(value, "true or false")


def to_int(value: Any) -> int:
    """A whole number."""
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        try:
            return int(value)
        except ValueError:
            pass
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise MismatchError(value, "a whole number")


def to_float(value: Any) -> float:
    """A finite number."""
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    raise MismatchError(value, "a number")


def to_str(value: Any) -> str:
    """Text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise MismatchError(value, "text")
