"""The name of a function's objects in Kubernetes, its job name (upstream: KubernetesRuntime.createJobName)."""

import hashlib
import re
from typing import Final

from pulsemill_instance.proto.Function_pb2 import FunctionDetails

MAX_JOB_NAME_SIZE: Final = 53
_FORBIDDEN: Final = re.compile(r"[^a-z0-9.-]")
_ADMISSIBLE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_HASH_CHARACTERS: Final = 8


def job_name(details: FunctionDetails, override: str) -> str:
    """The name of the StatefulSet and the Service; a hash tells apart what is alike without forbidden characters."""
    base = f"{details.tenant}-{details.namespace}-{details.name}"
    if override:
        return f"{_sanitized(override)}-{_short_hash(f'{override}-{base}')}"
    name = f"pf-{base}"
    return name if _sanitized(name) == name else f"{_sanitized(name)}-{_short_hash(base)}"


def problem_of_job_name(name: str) -> str | None:
    """What is wrong with a name, in upstream's words.

    Upstream admits dots and digits in front too, which the API server then refuses in a Service's name, and 53
    characters, which with the 11 that the StatefulSet's controller appends are one too many for a label.
    """
    if not _ADMISSIBLE.fullmatch(name):
        return f"Kubernetes only admits lower case and numbers. (jobName={name})"
    if len(name) >= MAX_JOB_NAME_SIZE:
        return f"Kubernetes job name size should be less than {MAX_JOB_NAME_SIZE}"
    return None


def _sanitized(name: str) -> str:
    return _FORBIDDEN.sub("-", name.lower())


def _short_hash(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:_HASH_CHARACTERS]
