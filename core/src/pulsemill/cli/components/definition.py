"""What create, update and localrun send, and the rules for it that are the same for every kind.

Pure but for a look at the files. A flag that was not given never overrides the file.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from pulsemill.admin.components import Code
from pulsemill.cli.components.names import DEFAULT_NAMESPACE, DEFAULT_TENANT, ComponentArgumentError

BUILTIN = "builtin://"
_URL = re.compile(r"(https?|file|function|source|sink)://", re.IGNORECASE)


@attrs.frozen
class Definition:
    """A configuration ready to send, its code, and the built-in that a type named, which the worker must have."""

    config: dict[str, Any]
    code: Code
    builtin_type: str | None = None


def overlay(file: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """The file's keys overridden by flags, whose keys may be dotted paths."""
    config = dict(file)
    for path, value in flags.items():
        outer, _, inner = path.partition(".")
        config[outer] = {**(config.get(outer) or {}), inner: value} if inner else value
    return config


def find_code(location: str, absent: str) -> Code:
    """Where the code is: a URL is for the worker to fetch, a built-in needs nothing, a file must exist.

    `absent` is what is said of a file that does not.
    """
    if not location or location.startswith(BUILTIN):
        return Code()
    if _URL.match(location):
        return Code(url=location)
    path = Path(location)
    if not path.is_file():
        raise ComponentArgumentError(absent)
    return Code(path=path)


def with_default_namespace(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with tenant and namespace."""
    return {
        **config,
        "tenant": config.get("tenant") or DEFAULT_TENANT,
        "namespace": config.get("namespace") or DEFAULT_NAMESPACE,
    }
