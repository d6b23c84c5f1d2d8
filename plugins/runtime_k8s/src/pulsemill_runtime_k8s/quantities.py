"""Amounts as Kubernetes' Java client prints them, in decimal steps of a thousand."""

import math
from decimal import Decimal
from typing import Final

_SUFFIXES: Final = {-3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_LARGEST_PLAIN: Final = 10**7


def cpu_quantity(cores: float) -> str:
    """Cores, to the thousandth: `500m`, `2`, `1k`."""
    rounded = round_half_up(cores * 1000) / 1000
    if rounded >= _LARGEST_PLAIN:
        return _exponent_form(rounded)
    # Java knows a double by one decimal at least, which is why nothing is 0m.
    return _in_thousands(Decimal(repr(rounded)))


def memory_quantity(size: int) -> str:
    """Bytes: `1073741824`, `1G`, `1500k`."""
    return _in_thousands(Decimal(size))


def round_half_up(value: float) -> int:
    """The nearest whole number, as Java's Math.round."""
    floor = math.floor(value)
    return floor + (value - floor >= 0.5)  # noqa: PLR2004 a half


def _in_thousands(number: Decimal) -> str:
    value, exponent = _in_steps(number)
    return f"{value}{_SUFFIXES[exponent]}"


def _exponent_form(number: float) -> str:
    """Java prints ten million as 1.0E7, and so its Kubernetes client takes it for an amount with an exponent."""
    value, exponent = _in_steps(Decimal(repr(number)))
    return f"{value}e{exponent}" if exponent else str(value)


def _in_steps(number: Decimal) -> tuple[int, int]:
    """A number as a whole number and a power of ten that is a multiple of 3, without needless zeros."""
    _, digits, power = number.as_tuple()
    value, exponent = int("".join(map(str, digits))), int(power)
    while value and value % 10 == 0:
        value, exponent = value // 10, exponent + 1
    while exponent % 3:
        value, exponent = value * 10, exponent - 1
    return value, exponent
