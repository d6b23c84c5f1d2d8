"""Reads a function configuration file (--function-config-file): YAML with the keys of FunctionConfig."""

import json
from pathlib import Path
from typing import Any

import attrs
import yaml

from pulsemill.cli.functions.naming import FunctionArgumentError
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.reading import read_object


def load_function_config(path: Path, model: type[attrs.AttrsInstance] = FunctionConfig) -> dict[str, Any]:
    """The keys that a file sets; `model` is the class that they are of.

    Raises FunctionArgumentError for what is no YAML mapping, InvalidFunctionConfigError for an unknown key (with the
    nearest known one) or a value of the wrong type.
    """
    document = _parse(path)
    if not isinstance(document, dict):
        raise FunctionArgumentError(f"the function config file {path} must hold keys and values, such as 'name: echo'")
    try:
        json.dumps(document)
    except (TypeError, ValueError) as error:
        message = f"the function config file {path} holds a value that JSON cannot: {error} (quote dates and times)"
        raise FunctionArgumentError(message) from error
    read_object(model, document, str(path))
    return {key: value for key, value in document.items() if value is not None}


def _parse(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FunctionArgumentError(f"cannot read the function config file {path}: {error}") from error
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise FunctionArgumentError(f"the function config file {path} is not YAML: {where}") from error
