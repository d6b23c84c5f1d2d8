"""Reads a configuration file such as --function-config-file: YAML with the keys of the kind's configuration."""

import json
from pathlib import Path
from typing import Any

import yaml

from pulsemill.cli.components.kind import Kind
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.functions.json_names import ALIASES
from pulsemill.functions.reading import read_object


def load_config_file(kind: Kind, path: Path) -> dict[str, Any]:
    """The keys that a file sets, each in the one spelling that flags have for it too.

    Raises ComponentArgumentError for what is no YAML mapping, InvalidFunctionConfigError for an unknown key (with the
    nearest known one) or a value of the wrong type.
    """
    document = _parse(path, f"the {kind.name} config file {path}")
    read_object(kind.model, document, str(path))
    return {ALIASES.get(key, key): value for key, value in document.items() if value is not None}


def _parse(path: Path, called: str) -> dict[str, Any]:
    document = _parse_yaml(path, called)
    if not isinstance(document, dict):
        raise ComponentArgumentError(f"{called} must hold keys and values, such as 'name: echo'")
    try:
        json.dumps(document)
    except (TypeError, ValueError) as error:
        message = f"{called} holds a value that JSON cannot: {error} (quote dates and times)"
        raise ComponentArgumentError(message) from error
    return document


def _parse_yaml(path: Path, called: str) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ComponentArgumentError(f"cannot read {called}: {error}") from error
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise ComponentArgumentError(f"{called} is not YAML: {where}") from error
