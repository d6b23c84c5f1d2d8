"""What counts when objects are compared."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from pulsemill.java_json import plain_json, to_json
from tests.parity.kubernetes.upstream import Manifest

_SHOWN = 100
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DETAILS = re.compile(r"(?<=--function_details ')[^']*|(?<=-instance-conf ')[^']*")
# A pod's name for a sink's transform function; upstream's is the one of its own temporary file.
_TRANSFORM = re.compile(r"(?<=--destination-file )\S+(?= --transform-function)|(?<=--transform_function_jar )\S+")
_SERVERS = ("creationTimestamp", "generation", "managedFields", "namespace", "resourceVersion", "uid")


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Each place where two values differ, with both."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from differences(ours.get(key), theirs.get(key), f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(*pair, f"{path}[{index}]")
    elif ours != theirs:
        yield f"{path}:\n  ours   {_shown(ours, theirs)}\n  theirs {_shown(theirs, ours)}"


def _shown(value: Any, other: Any) -> str:
    """A value, of long texts the part where they begin to differ."""
    text, pairs = str(value), enumerate(zip(str(value), str(other), strict=False))
    start = next((index for index, (one, two) in pairs if one != two), 0)
    return text[max(0, start - _SHOWN) : start + _SHOWN]


def comparable(stored: Manifest) -> Manifest:
    """An object without what only the API server knows, and without ids that are new at every start."""
    made = with_masked_line(stored)
    made.pop("status", None)
    for name in _SERVERS:
        made["metadata"].pop(name, None)
    made.get("spec", {}).pop("clusterIPs", None)
    return made


def with_masked_line(manifest: Manifest) -> Manifest:
    """An object without its type, which upstream does not send, and without ids that are new at every start."""
    made = copy.deepcopy(manifest)
    for container in made["spec"].get("template", {}).get("spec", {}).get("containers", []):
        container["command"][-1] = masked(container["command"][-1])
    made.pop("apiVersion", None)
    made.pop("kind", None)
    return made


def masked(line: str) -> str:
    """A command line with equal ids, and with topics and keys of userConfig in order where there are several."""
    named = _TRANSFORM.sub("TRANSFORM", _UUID.sub("UUID", line))
    return _DETAILS.sub(lambda match: _in_order(match[0]), named)


def _in_order(text: str) -> str:
    """The same text unless an order is left to chance: upstream hashes userConfig and a Go function's topics."""
    value = json.loads(text)
    details = json.loads(value["functionDetails"]) if "functionDetails" in value else value
    if len(_topics(details)) < 2 and len(_user_config(details)) < 2:
        return text
    if details is value:
        return to_json(_ordered(value))
    topics = {"sourceInputSpecs": _sorted(value["sourceInputSpecs"]), "sourceSpecsTopic": "any"}
    return plain_json(_ordered(value) | topics | {"functionDetails": to_json(_ordered(details))})


def _ordered(details: dict[str, Any]) -> dict[str, Any]:
    ordered = dict(details)
    if _user_config(details):
        ordered["userConfig"] = to_json(_sorted(_user_config(details)))
    if _topics(details):
        ordered["source"] = details["source"] | {"inputSpecs": _sorted(_topics(details))}
    return ordered


def _topics(details: dict[str, Any]) -> dict[str, Any]:
    specs: dict[str, Any] = details.get("source", {}).get("inputSpecs", {})
    return specs


def _user_config(details: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(details.get("userConfig") or "{}")
    return config


def _sorted(mapping: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(mapping.items()))
