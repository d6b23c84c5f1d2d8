"""The labels of all objects of a function, and the annotations of its pods."""

import re
from collections.abc import Mapping
from typing import Final

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.settings import Settings

MAX_VALUE_SIZE: Final = 63
PULSAR_SINK: Final = "org.apache.pulsar.functions.sink.PulsarSink"
_COMPONENTS: Final = {
    FunctionDetails.FUNCTION: "function",
    FunctionDetails.SOURCE: "source",
    FunctionDetails.SINK: "sink",
}


def labels_of(details: FunctionDetails, custom: Mapping[str, str]) -> dict[str, str]:
    """The labels, which are the selector too."""
    return {
        "component": component(details),
        "namespace": label_value(details.namespace),
        "tenant": label_value(details.tenant),
        "name": label_value(details.name),
        **{name: label_value(value) for name, value in custom.items()},
    }


def label_value(text: str) -> str:
    """A text as a label's value: lower case, 63 characters at most, alphanumeric at both ends.

    Upstream cuts last and may leave another character at the end, which the API server refuses.
    """
    value = re.sub(r"[^a-zA-Z0-9_.-]", "-", text.lower())
    value = re.sub(r"^[^a-zA-Z0-9]", "0", value)
    return re.sub(r"[^a-zA-Z0-9]\Z", "0", re.sub(r"[^a-zA-Z0-9]\Z", "0", value)[:MAX_VALUE_SIZE])


def component(details: FunctionDetails) -> str:
    """function, source or sink; found out for metadata of workers that did not store it."""
    if details.componentType in _COMPONENTS:
        return _COMPONENTS[details.componentType]
    if not details.source.inputSpecs:
        return "source"
    if details.sink.builtin:
        return "sink"
    return "function" if details.sink.className in ("", PULSAR_SINK) else "sink"


def annotations_of(settings: Settings) -> dict[str, str]:
    """What tells Prometheus to read a pod's metrics."""
    if not settings.metrics_port:
        return {}
    return {"prometheus.io/scrape": "true", "prometheus.io/port": str(settings.metrics_port)}
