"""What the ConfigMap of changeConfigMap may change: which keys, and to which values. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from pulsemill.config.keys import key_name
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.config import PULL_POLICIES
from pulsemill_runtime_k8s.names import job_name, problem_of_job_name
from pulsemill_runtime_k8s.settings import Settings

NOT_TEXT: Final = "only texts can be changed while the worker runs"
CONNECTION: Final = "the connection to Kubernetes is made once, at the worker's start"

_WORD: Final = (r"\S+", "a text without blanks")
_WORD_OR_NOTHING: Final = (r"\S*", "a text without blanks, or nothing")
_LABEL: Final = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAMESPACE: Final = (_LABEL, "the name of a namespace")
_FORMS: Final = {
    "jobNamespace": _NAMESPACE,
    "jobName": (r"(\S(.*\S)?)?", "a name, or nothing"),
    "imagePullPolicy": ("|".join(PULL_POLICIES), f"one of {', '.join(PULL_POLICIES)}"),
    "pulsarAdminUrl": (r"https?://[^/\s]\S*", "a URL such as http://functions-worker.pulsar:6750"),
    "pulsarServiceUrl": (r"pulsar(\+ssl)?://[^/\s]\S*", "a URL such as pulsar://broker.pulsar:6650"),
    "pythonDependencyRepository": _WORD_OR_NOTHING,
    "pythonExtraDependencyRepository": _WORD_OR_NOTHING,
    "changeConfigMap": (rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*", "the name of a ConfigMap"),
    "changeConfigMapNamespace": _NAMESPACE,
    "stateStorageServiceUri": (r"(bk://[^/\s]+/?)?", "a URL such as bk://bookie.pulsar:4181, or nothing"),
    "narExtractionDirectory": _WORD_OR_NOTHING,
}
"""What a value has to look like, and how that is called. Pods' command lines hold most of them without quotes."""


def problem_of(key: str, value: str) -> str | None:
    """What is wrong with the value of a key that may change."""
    form, expected = _FORMS.get(key, _WORD)
    if not re.fullmatch(form, value):
        return f"expected {expected}, got {value!r}"
    return problem_of_job_name(job_name(FunctionDetails(), value)) if key == "jobName" and value else None


def changeable(settings: Settings) -> Mapping[str, str]:
    """The attribute of each key that a ConfigMap may change: the texts, as upstream."""
    return {key_name(each): each.name for each in _fields(settings) if _is_text(each) and each.name != "k8_uri"}


def _fields(settings: Settings) -> Sequence["attrs.Attribute[Any]"]:
    fields: Sequence[attrs.Attribute[Any]] = attrs.fields(attrs.resolve_types(type(settings)))
    return fields


def _is_text(field: "attrs.Attribute[Any]") -> bool:
    return field.type in (str, str | None)


FIXED: Final = {
    **{key_name(each): NOT_TEXT for each in attrs.fields(attrs.resolve_types(Settings)) if not _is_text(each)},
    "k8Uri": CONNECTION,
    "logDirectory": "pods log to their standard output",
}
"""Why a key of the ConfigMap has no effect."""
