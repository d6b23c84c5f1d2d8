"""Turns a configuration file and flags into what create, update and localrun send. Pure but for a look at the files.

The rules and their texts are those of `pulsar-admin functions`, except that a flag which was not given never overrides
the file, and that a function named in two ways or with two packages is refused.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from pulsemill.admin.functions import FunctionCode
from pulsemill.cli.functions.naming import (
    DEFAULT_NAMESPACE,
    DEFAULT_TENANT,
    FunctionArgumentError,
    parse_fqfn,
    refuse_both,
)

BUILTIN = "builtin://"
_URL = re.compile(r"(https?|file|function|source|sink)://", re.IGNORECASE)
_KINDS = {"jar": "jar", "py": "python", "go": "go executable binary"}
_NO_CODE = (
    "Either a Java jar or a Python file or a Go executable binary needs to be specified for the function. "
    "Please specify one."
)


@attrs.frozen
class FunctionDefinition:
    """A FunctionConfig ready to send, and its code."""

    config: dict[str, Any]
    code: FunctionCode


def define_new(file: Mapping[str, Any], flags: Mapping[str, Any]) -> FunctionDefinition:
    """What create and localrun send. Raises FunctionArgumentError."""
    config = merge(file, flags)
    kind, location = _code_of(config)
    if not config.get("className") and kind in ("jar", "py") and not location.startswith(BUILTIN):
        raise FunctionArgumentError("No Function Classname specified")
    if not config.get("name"):
        config["name"] = str(config.get("className", "")).rpartition(".")[2]
    if not config["name"]:
        raise FunctionArgumentError("No Function name specified")
    if not location:
        raise FunctionArgumentError(_NO_CODE)
    return FunctionDefinition(_with_defaults(config), find_code(kind, location))


def define_update(file: Mapping[str, Any], flags: Mapping[str, Any]) -> FunctionDefinition:
    """What update sends; without code, the stored code stays. Raises FunctionArgumentError."""
    config = merge(file, flags)
    if not config.get("name"):
        raise FunctionArgumentError("Function Name not provided")
    return FunctionDefinition(_with_defaults(config), find_code(*_code_of(config)))


def merge(file: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """The file's keys overridden by flags, whose keys may be dotted paths; --fqfn and --function-type resolved."""
    config = dict(file)
    refuse_both(flags.get("fqfn"), *(flags.get(key) for key in ("tenant", "namespace", "name")))
    for path, value in flags.items():
        _put(config, path, value)
    fqfn = config.pop("fqfn", None)
    if fqfn is not None and not {"tenant", "namespace", "name"} & flags.keys():
        config |= attrs.asdict(parse_fqfn(fqfn))
    function_type = config.pop("functionType", None)
    if function_type and config.get("jar"):
        raise FunctionArgumentError("Cannot specify both jar and function-type")
    if function_type:
        config["jar"] = BUILTIN + function_type
    return config


def find_code(kind: str, location: str) -> FunctionCode:
    """Where the code is: a URL is for the worker to fetch, a built-in needs nothing, a file must exist."""
    if not location or location.startswith(BUILTIN):
        return FunctionCode()
    if _URL.match(location):
        return FunctionCode(url=location)
    path = Path(location)
    if not path.is_file():
        raise FunctionArgumentError(f"The specified {_KINDS[kind]} file does not exist: {location}")
    return FunctionCode(path=path)


def _put(config: dict[str, Any], path: str, value: Any) -> None:
    outer, _, inner = path.partition(".")
    config[outer] = {**(config.get(outer) or {}), inner: value} if inner else value


def _code_of(config: Mapping[str, Any]) -> tuple[str, str]:
    given = [(kind, str(config[kind])) for kind in _KINDS if config.get(kind)]
    if len(given) > 1:
        kinds = " and ".join(kind for kind, _ in given)
        raise FunctionArgumentError(f"Cannot specify more than one of jar, py and go: {kinds} are given")
    return given[0] if given else ("", "")


def _with_defaults(config: dict[str, Any]) -> dict[str, Any]:
    return {
        **config,
        "tenant": config.get("tenant") or DEFAULT_TENANT,
        "namespace": config.get("namespace") or DEFAULT_NAMESPACE,
    }
