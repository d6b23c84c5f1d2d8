"""JSON as the Java of upstream writes it on command lines and into metadata: compact, in the forms of Gson."""

import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

Writer = Callable[[object], str]

_HTML_SAFE: Final = {ord(character): f"\\u{ord(character):04x}" for character in "'=<>&\u2028\u2029"}
_PLAIN_NUMBERS: Final = (1e-3, 1e7)


def to_json(value: object) -> str:
    """Compact JSON with `' = < > &` escaped, so that it holds no single quote; other characters stand as they are."""
    return _written(value, ascii_only=False).translate(_HTML_SAFE)


def to_ascii_json(value: object) -> str:
    """As `to_json`, with everything outside of ASCII escaped too, which a program under any locale reads alike."""
    return _written(value, ascii_only=True).translate(_HTML_SAFE)


def plain_json(value: object, *, ascii_only: bool = False) -> str:
    """Compact JSON in which nothing is escaped that JSON does not ask for, as Jackson writes it."""
    return _written(value, ascii_only=ascii_only)


def message_json(message: Message, write: Writer = to_json) -> str:
    """A protobuf message as JSON: camelCase, defaults left out, enums by name, int64 as strings, maps by key.

    Upstream keeps the order in which a map was filled, which our messages do not remember.
    """
    return write(_in_order(MessageToDict(message), cast("Descriptor", message.DESCRIPTOR)))


def _in_order(fields: dict[str, Any], descriptor: Descriptor) -> dict[str, Any]:
    """The same with sorted maps, at every depth: a message hashes them in an order of its own."""
    ordered = dict(fields)
    for name, value in fields.items():
        field = descriptor.fields_by_camelcase_name.get(name)
        if field is None or field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            ordered[name] = _sorted_map(value, field.message_type.fields_by_name["value"].message_type)
        elif isinstance(value, dict):
            ordered[name] = _in_order(value, field.message_type)
    return ordered


def _sorted_map(entries: dict[str, Any], values: Descriptor | None) -> dict[str, Any]:
    return {key: _in_order(value, values) if values else value for key, value in sorted(entries.items())}


def _written(value: object, *, ascii_only: bool) -> str:
    if isinstance(value, dict):
        members = (
            f"{json.dumps(str(name), ensure_ascii=ascii_only)}:{_written(each, ascii_only=ascii_only)}"
            for name, each in value.items()
        )
        return f"{{{','.join(members)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(_written(each, ascii_only=ascii_only) for each in value)}]"
    return java_double(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=ascii_only)


def java_double(value: float) -> str:
    """A number as Java's Double.toString writes it: `1.0`, `5.0E-4`, `1.0E7`."""
    smallest, largest = _PLAIN_NUMBERS
    if value == 0 or not math.isfinite(value) or smallest <= abs(value) < largest:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    first, *rest = map(str, digits)
    return f"{'-' * sign}{first}.{''.join(rest) or '0'}E{int(exponent) + len(rest)}"
