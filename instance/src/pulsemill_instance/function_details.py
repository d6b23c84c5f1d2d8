"""Reading the --function_details of workers that may know more fields than we do."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.startup_errors import ArgumentsError


def parse_function_details(text: str) -> tuple[FunctionDetails, list[str]]:
    """The details in a protobuf JSON text, and the paths of what a newer worker wrote that we do not know."""
    try:
        document = _json_object(text)
        details = json_format.ParseDict(document, FunctionDetails(), ignore_unknown_fields=True)
    except (ValueError, json_format.ParseError) as error:
        raise ArgumentsError(f"--function_details is no JSON of FunctionDetails: {error}") from error
    missing = [name for name in ("tenant", "namespace", "name", "className") if not getattr(details, name)]
    if missing:
        raise ArgumentsError(f"--function_details lacks {', '.join(missing)}")
    for name in (details.tenant, details.namespace, details.name):
        if "/" in name or "\0" in name or name in {".", ".."}:
            raise ArgumentsError(f"--function_details names a tenant, namespace or function {name!r}, which cannot be")
    return details, list(unknown_fields(document, cast("Descriptor", FunctionDetails.DESCRIPTOR)))


def _json_object(text: str) -> dict[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise json_format.ParseError("it is no JSON object")
    return document


def unknown_fields(document: Mapping[str, Any], message: Descriptor, path: str = "") -> Iterator[str]:
    """Dotted paths of the fields, and of the enum values, in a JSON object that a message does not have."""
    known = {field.json_name: field for field in message.fields}
    for name, value in document.items():
        if name not in known:
            yield path + name
        elif isinstance(value, dict):
            yield from _unknown_in_object(value, known[name], f"{path}{name}.")
        elif isinstance(value, str) and _is_unknown_enum(value, known[name]):
            yield f"{path}{name}={value}"


def _unknown_in_object(value: Mapping[str, Any], field: FieldDescriptor, path: str) -> Iterator[str]:
    if field.message_type is None:
        return
    if not field.message_type.GetOptions().map_entry:
        yield from unknown_fields(value, field.message_type, path)
        return
    item = field.message_type.fields_by_name["value"].message_type
    for key, entry in value.items():
        if item is not None and isinstance(entry, dict):
            yield from unknown_fields(entry, item, f"{path}{key}.")


def _is_unknown_enum(value: str, field: FieldDescriptor) -> bool:
    return field.enum_type is not None and value not in field.enum_type.values_by_name
