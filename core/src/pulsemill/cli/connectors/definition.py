"""Turns a configuration file and flags into what create, update and localrun send for a source or a sink.

The rules and their texts are those of `pulsar-admin sources` and `sinks`, except that a flag which was not given never
overrides the file (upstream forgets a sink's `maxMessageRetries`). `name` is `source` or `sink` everywhere.
"""

from collections.abc import Mapping
from typing import Any

from pulsemill.cli.components.definition import BUILTIN, Definition, find_code, overlay, with_default_namespace
from pulsemill.cli.components.names import ComponentArgumentError


def define_new(name: str, file: Mapping[str, Any], flags: Mapping[str, Any]) -> Definition:
    """What create and localrun send. Raises ComponentArgumentError."""
    definition = _define(name, file, flags)
    if not definition.config.get("archive"):
        raise ComponentArgumentError(f"{name.capitalize()} archive not specified")
    batch = definition.config.get("batchSourceConfig")
    if batch is not None and not batch.get("discoveryTriggererClassName"):
        raise ComponentArgumentError("Discovery Triggerer not specified: batchSourceConfig.discoveryTriggererClassName")
    return definition


def define_update(name: str, file: Mapping[str, Any], flags: Mapping[str, Any]) -> Definition:
    """What update sends; without an archive, the stored one stays. Raises ComponentArgumentError."""
    return _define(name, file, flags)


def _define(name: str, file: Mapping[str, Any], flags: Mapping[str, Any]) -> Definition:
    config = overlay(file, flags)
    builtin = _take_type(name, config, flags)
    if not config.get("name"):
        raise ComponentArgumentError(f"{name.capitalize()} name not specified")
    archive = str(config.get("archive") or "")
    code = find_code(archive, f"{name.capitalize()} Archive {archive} does not exist")
    return Definition(with_default_namespace(config), code, builtin)


def _take_type(name: str, config: dict[str, Any], flags: Mapping[str, Any]) -> str | None:
    """Replace sourceType or sinkType by the archive that it means; a flag with a type overrides a file's archive."""
    key = f"{name}Type"
    builtin = config.pop(key, None)
    if not builtin:
        return None
    if config.get("archive") and ("archive" in flags or key not in flags):
        raise ComponentArgumentError(f"Cannot specify both archive and {name}-type")
    config["archive"] = BUILTIN + builtin
    return str(builtin)
