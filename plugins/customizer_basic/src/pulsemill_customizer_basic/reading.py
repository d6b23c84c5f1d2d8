"""Reads customRuntimeOptions of functions."""

import json
from typing import Any, Final

from pulsemill.config.structuring import StructuringError, structure
from pulsemill.config.unknown import unknown_keys
from pulsemill.errors import AdmissionError
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.json_text import parse_json
from pulsemill_customizer_basic.options import RuntimeOptions
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

FIELD: Final = "customRuntimeOptions"
NO_JSON: Final = "; comments and single quotes, which Pulsar's own worker takes here, are not JSON"


def function_options(details: FunctionDetails) -> RuntimeOptions:
    """A function's own options; AdmissionError. Keys that are not known have no effect."""
    try:
        return structure(_parsed(details), RuntimeOptions)
    except StructuringError as error:
        texts = [f"{FIELD}{'.' if each.path else ''}{each.path}: {each.message}" for each in error.problems]
        raise AdmissionError("; ".join(texts)) from error


def check_known(details: FunctionDetails) -> None:
    """Raise AdmissionError for keys that would have no effect; each with the key that may have been meant."""
    unknown = [f"{path} is unknown{hint}" for path, hint in unknown_keys(_parsed(details), RuntimeOptions, FIELD)]
    if unknown:
        raise AdmissionError("; ".join(unknown))


def _parsed(details: FunctionDetails) -> Any:
    """No text, or `null`, is no options."""
    text = details.customRuntimeOptions
    try:
        parsed = parse_json(text, FIELD) if text.strip() else None
    except InvalidFunctionConfigError as error:
        raise AdmissionError(f"{error}{_hint(error.__cause__)}") from error
    return {} if parsed is None else parsed


def _hint(cause: BaseException | None) -> str:
    """Upstream's parser (Gson) is lenient."""
    is_lenient = isinstance(cause, json.JSONDecodeError) and cause.doc[cause.pos :].startswith(("/", "#", "'"))
    return NO_JSON if is_lenient else ""
