"""The default SerDe, quick and with results identical to upstream's `pulsar.functions.serde.IdentitySerDe`."""

from collections.abc import Callable
from typing import Any

from pulsar.functions import serde as client_serde

from pulsemill_instance.interfaces import UserFunction

# A number's text starts with a digit, a sign, a point, a parenthesis, white space, or the first letter of inf, nan or
# j, and ends with a digit, a point, j, a parenthesis, white space, or the last letter of inf, infinity or nan.
_SPACES = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
_FIRST = frozenset(b"0123456789+-.(iInNjJ" + _SPACES) | frozenset(range(0x80, 0x100))
_LAST = frozenset(b"0123456789._jJ)fFyYnN" + _SPACES) | frozenset(range(0x80, 0x100))
_NUMBERS: tuple[Callable[[str], Any], ...] = (int, float, complex)
_TEXT_TYPES = frozenset((int, float, complex, str))


def deserialize_identity(data: bytes) -> Any:
    """The payload as int, float, complex or str, whichever its UTF-8 text is first; bytes when it is no UTF-8."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    if not data or data[0] not in _FIRST or data[-1] not in _LAST:
        return text
    return _number_or_text(text)


def _number_or_text(text: str) -> Any:
    for number in _NUMBERS:
        try:
            return number(text)
        except (ValueError, OverflowError):
            continue
    return text


def serialize_identity(value: Any) -> bytes:
    """Text of the exact types int, float, complex and str, and bytes as they are; TypeError for anything else."""
    kind = type(value)
    if kind is str:
        return value.encode()  # type: ignore[no-any-return]
    if kind is bytes:
        return value  # type: ignore[no-any-return]
    if kind in _TEXT_TYPES:
        return str(value).encode()
    raise TypeError(
        f"IdentitySerDe cannot serialize {kind}: return str, bytes, int, float or complex, or name a SerDe class"
    )


class IdentitySerDe(client_serde.IdentitySerDe):  # type: ignore[misc]  # the client ships no types
    """Upstream's default SerDe with the quick functions of this module."""

    serialize = staticmethod(serialize_identity)
    deserialize = staticmethod(deserialize_identity)


def create_serde(class_name: str, function: UserFunction) -> Any:
    """A SerDe object; an empty name is the default, `serde.X` is of the client's own module."""
    name = class_name.removeprefix("pulsar.functions.")
    if name in {"", "serde.IdentitySerDe"}:
        return IdentitySerDe()
    if name.startswith("serde.") and hasattr(client_serde, name.removeprefix("serde.")):
        return getattr(client_serde, name.removeprefix("serde."))()
    return function.import_class(class_name)()
