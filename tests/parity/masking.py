"""Replaces what differs from run to run, or from worker to worker, by a word for what it is."""

import re
from typing import Any

_BY_KEY = {
    "workerId": "<worker>",
    "workerHostname": "<host>",
    "port": "<port>",
    "lastInvocationTime": "<time>",
    "lastInvocation": "<time>",
    "timestampMs": "<time>",
    "averageLatency": "<latency>",
    "avgProcessLatency": "<latency>",
}
_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_JAVA_OBJECT = re.compile(r"@[0-9a-f]{5,8}\b")


def mask(value: Any) -> Any:
    """The value with ids and times replaced; nulls and zeros stay, because they say that there is none."""
    if isinstance(value, dict):
        return {key: _masked_field(key, item) for key, item in value.items()}
    if isinstance(value, list):
        masked = [mask(item) for item in value]
        return sorted(masked) if all(isinstance(item, str) for item in masked) else masked
    if isinstance(value, str):
        return _JAVA_OBJECT.sub("@<object>", _UUID.sub("<uuid>", value))
    return value


def _masked_field(key: str, value: Any) -> Any:
    if key == "exceptionString":
        return value.strip().splitlines()[-1]  # the lines before name the files of an instance
    return _BY_KEY[key] if value and key in _BY_KEY else mask(value)
