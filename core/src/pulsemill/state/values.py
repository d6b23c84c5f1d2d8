"""FunctionState, the JSON of the state routes (upstream: org.apache.pulsar.common.functions.FunctionState). Pure."""

import base64
import binascii
from typing import Any

import attrs

from pulsemill.errors import PulsemillError
from pulsemill.functions.model import Int64
from pulsemill_instance.state.values import StateValue, encode_number


class InvalidStateError(PulsemillError):
    """The state in a request is none."""


@attrs.frozen
class FunctionState:
    """A key and what it holds; `byte_value` is base64. What a request gives as version means nothing."""

    key: str | None = None
    string_value: str | None = None
    byte_value: str | None = None
    number_value: Int64 | None = None
    version: Int64 | None = None

    def stored_value(self) -> bytes | None:
        """The bytes to store: of bytes that are not empty, else of the text, else of the number; None without any."""
        given = _decoded(self.byte_value)
        if given:
            return given
        if self.string_value is not None:
            return self.string_value.encode()
        return None if self.number_value is None else encode_number(self.number_value)


def to_json(key: str, found: StateValue) -> dict[str, Any]:
    """A stored value as its route answers: a counter as a number only; any other eight bytes also as a number."""
    text = None if found.is_number else _text(found.value)
    raw = None if found.is_number or text is not None else base64.b64encode(found.value).decode()
    return {
        "key": key,
        "stringValue": text,
        "byteValue": raw,
        "numberValue": found.number,
        "version": found.version,
    }


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _decoded(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidStateError(f"state.byteValue is not base64: {error}") from error
