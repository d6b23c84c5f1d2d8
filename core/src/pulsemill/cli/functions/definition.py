"""Turns a configuration file and flags into what create, update and localrun send. Pure but for a look at the files.

The rules and their texts are those of `pulsar-admin functions`, except that a flag which was not given never overrides
the file, and that a function named in two ways or with two packages is refused.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from pulsemill.admin.components import Code
from pulsemill.cli.components.definition import BUILTIN, Definition, find_code, overlay, with_default_namespace
from pulsemill.cli.components.names import ComponentArgumentError, parse_fqfn, refuse_both

_KINDS = {"jar": "jar", "py": "python", "go": "go executable binary"}
_NO_CODE = (
    "Either a Java jar or a Python file or a Go executable binary needs to be specified for the function. "
    "Please specify one."
)


def define_new(file: Mapping[str, Any], flags: Mapping[str, Any]) -> Definition:
    """What create and localrun send. Raises ComponentArgumentError."""
    config = merge(file, flags)
    kind, location = _code_of(config)
    if not config.get("className") and kind in ("jar", "py") and not location.startswith(BUILTIN):
        raise ComponentArgumentError("No Function Classname specified")
    if not config.get("name"):
        config["name"] = str(config.get("className", "")).rpartition(".")[2]
    if not config["name"]:
        raise ComponentArgumentError("No Function name specified")
    if not location:
        raise ComponentArgumentError(_NO_CODE)
    return Definition(with_default_namespace(config), _code(kind, location))


def define_update(file: Mapping[str, Any], flags: Mapping[str, Any]) -> Definition:
    """What update sends; without code, the stored code stays. Raises ComponentArgumentError."""
    config = merge(file, flags)
    if not config.get("name"):
        raise ComponentArgumentError("Function Name not provided")
    return Definition(with_default_namespace(config), _code(*_code_of(config)))


def merge(file: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """The file's keys overridden by flags; --fqfn and --function-type resolved."""
    refuse_both(flags)
    config = overlay(file, flags)
    fqfn = config.pop("fqfn", None)
    if fqfn is not None and not {"tenant", "namespace", "name"} & flags.keys():
        config |= attrs.asdict(parse_fqfn(fqfn))
    function_type = config.pop("functionType", None)
    if function_type and config.get("jar"):
        raise ComponentArgumentError("Cannot specify both jar and function-type")
    if function_type:
        config["jar"] = BUILTIN + function_type
    return config


def _code_of(config: Mapping[str, Any]) -> tuple[str, str]:
    given = [(kind, str(config[kind])) for kind in _KINDS if config.get(kind)]
    if len(given) > 1:
        kinds = " and ".join(kind for kind, _ in given)
        raise ComponentArgumentError(f"Cannot specify more than one of jar, py and go: {kinds} are given")
    return given[0] if given else ("", "")


def _code(kind: str, location: str) -> Code:
    return find_code(location, f"The specified {_KINDS.get(kind)} file does not exist: {location}")
