"""What the texts of the configuration have to look like, in functions_worker.yml or in a ConfigMap. Pure."""

import re
from typing import Final

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.names import job_name, problem_of_job_name

PULL_POLICIES: Final = ("Always", "IfNotPresent", "Never")

_PART: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
OBJECT_NAME: Final = rf"(?=.{{1,253}}\Z){_PART}(\.{_PART})*"
"""Of most kinds of objects: a DNS subdomain of RFC 1123, whose parts Kubernetes allows to be as long as the whole."""
_WORD: Final = (r"\S+", "a text without blanks")
_WORD_OR_NOTHING: Final = (r"\S*", "a text without blanks, or nothing")
_NAMESPACE: Final = (r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", "the name of a namespace")
_FORMS: Final = {
    "jobNamespace": _NAMESPACE,
    "jobName": (r"(\S(.*\S)?)?", "a name, or nothing"),
    "imagePullPolicy": ("|".join(PULL_POLICIES), f"one of {', '.join(PULL_POLICIES)}"),
    "pulsarAdminUrl": (r"https?://[^/\s]\S*", "a URL such as http://functions-worker.pulsar:6750"),
    "pulsarServiceUrl": (r"pulsar(\+ssl)?://[^/\s]\S*", "a URL such as pulsar://broker.pulsar:6650"),
    "pythonDependencyRepository": _WORD_OR_NOTHING,
    "pythonExtraDependencyRepository": _WORD_OR_NOTHING,
    "changeConfigMap": (OBJECT_NAME, "the name of a ConfigMap"),
    "changeConfigMapNamespace": _NAMESPACE,
    "stateStorageServiceUri": (r"(bk://[^/\s]+/?)?", "a URL such as bk://bookie.pulsar:4181, or nothing"),
    "narExtractionDirectory": _WORD_OR_NOTHING,
}
"""What a value has to look like, and how that is called. Pods' command lines hold most of them without quotes."""


def problem_of(key: str, value: str) -> str | None:
    """What is wrong with a text; not every text may be empty."""
    form, expected = _FORMS.get(key, _WORD)
    if not re.fullmatch(form, value):
        return f"expected {expected}, got {value!r}"
    return problem_of_job_name(job_name(FunctionDetails(), value)) if key == "jobName" and value else None
