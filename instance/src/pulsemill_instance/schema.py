"""The schemas of inputs and outputs, by the names that `schemaType` may have."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pulsar import schema as client_schema

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.interfaces import UserFunction

_RECORD_SCHEMAS = {"json": client_schema.JsonSchema, "avro": client_schema.AvroSchema}
_PLAIN_SCHEMAS = {"string": client_schema.StringSchema, "bytes": client_schema.BytesSchema}
_BUILT_IN = ", ".join(sorted(_RECORD_SCHEMAS | _PLAIN_SCHEMAS))


def create_schema(
    schema_type: str, type_class_name: str, properties: Mapping[str, str], function: UserFunction
) -> Any | None:
    """A client schema, or None for an empty `schema_type`, which leaves the SerDe in charge.

    A built-in name (any case), or a schema class of the function's package. InstanceError for anything else.
    """
    if not schema_type:
        return None
    name = schema_type.lower()
    if name in _PLAIN_SCHEMAS:
        return _PLAIN_SCHEMAS[name]()
    if name in _RECORD_SCHEMAS:
        return _record_schema(name, type_class_name, function)
    if "." not in schema_type:
        raise InstanceError(
            f"schemaType {schema_type!r} is not supported by Python functions: "
            f"use one of {_BUILT_IN}, or module.Class of a pulsar.schema.Schema in the package"
        )
    return _own_schema(function.import_class(schema_type), type_class_name, properties, function)


def message_decoder(schema: Any) -> Callable[[Any], Any]:
    """What turns a message into a record.

    The client asks the broker for a writer's schema even if the message names none, and waits for an answer in vain.
    """

    def decode(message: Any) -> Any:
        version = getattr(message, "int_schema_version", None)
        if version is None:
            return message.value()
        return schema.decode(message.data()) if version() < 0 else schema.decode_message(message)

    return decode


def _record_schema(name: str, type_class_name: str, function: UserFunction) -> Any:
    try:
        return _RECORD_SCHEMAS[name](function.import_class(type_class_name))
    except InstanceError:
        raise
    except Exception as error:
        raise InstanceError(
            f"schemaType {name!r} needs a pulsar.schema.Record as its type class, "
            f"and {type_class_name!r} cannot be used: {error}"
        ) from error


def _own_schema(schema_class: type, type_class_name: str, properties: Mapping[str, str], function: UserFunction) -> Any:
    # Upstream chooses the arguments by how many the constructor takes.
    taken = len(inspect.signature(schema_class).parameters)
    if taken == 0:
        return schema_class()
    record = _record_class(type_class_name, function)
    if taken == 1:
        return schema_class(dict(properties) if record is None else record)
    return schema_class(record, dict(properties))


def _record_class(type_class_name: str, function: UserFunction) -> type | None:
    try:
        return function.import_class(type_class_name) if type_class_name else None
    except InstanceError:
        return None  # worker defaults such as java.lang.String or [B name no Python class
