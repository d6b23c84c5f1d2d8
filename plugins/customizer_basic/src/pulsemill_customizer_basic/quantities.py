"""Kubernetes quantities, written as upstream's client writes them (io.kubernetes.client.custom.QuantityFormatter)."""

import re
from decimal import Decimal
from typing import Final

_FORM: Final = re.compile(r"\+?(?P<number>\d+(?:\.\d*)?|\.\d+)(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][-+]?\d{1,3}|)")
_DECIMAL: Final = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_SMALLEST: Final = -9
_LARGEST: Final = 18
_LONGEST: Final = 40
_KIBI: Final = 1024


class QuantityError(ValueError):
    """A text is no quantity."""


def canonical(text: str) -> str:
    """A quantity in its shortest form: `0.5` is `500m`, `1024Mi` is `1Gi`; QuantityError.

    Exponents stay exponents; powers of two with a fraction, such as 1.5Gi, become plain numbers.
    """
    form = _FORM.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if form is None:
        raise QuantityError(f"expected a quantity of Kubernetes, such as 1, 500m or 2Gi, got {text!r:.60}")
    number, suffix = Decimal(form["number"]), form["suffix"]
    if suffix in _BINARY[1:]:
        value = number * _KIBI ** _BINARY.index(suffix)
        return _decimal(value) if "." in form["number"] else _binary(int(value))
    if suffix[:1] in ("e", "E") and suffix[1:]:
        return _decimal(number.scaleb(int(suffix[1:])), exponents=True)
    return _decimal(number.scaleb(_SMALLEST + 3 * _DECIMAL.index(suffix)))


def _binary(value: int) -> str:
    power = 0
    while value >= _KIBI and value % _KIBI == 0 and power < len(_BINARY) - 1:
        value, power = value // _KIBI, power + 1
    return f"{value}{_BINARY[power]}"


def _decimal(number: Decimal, *, exponents: bool = False) -> str:
    digits, exponent = number.normalize().as_tuple()[1:]
    if not isinstance(exponent, int) or not any(digits):
        return "0"
    power = max(3 * (exponent // 3), _SMALLEST)
    if not exponents:
        power = min(power, _LARGEST)
    mantissa = number.scaleb(-power).to_integral_value()  # below a billionth there is nothing
    if exponents:
        return f"{mantissa:f}e{power}" if power else f"{mantissa:f}"
    return f"{mantissa:f}{_DECIMAL[(power - _SMALLEST) // 3]}"
