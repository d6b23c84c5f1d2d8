"""What a function's secrets refer to: keys of secrets in Kubernetes, each for one environment variable."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from pulsemill.errors import AdmissionError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

PATH: Final = "path"
KEY: Final = "key"
RESERVED: Final = "POD_NAME"
"""The variable from which an instance knows its number."""

_VARIABLE: Final = re.compile(r"[ -<>-~]+")  # printable ASCII without "="
_SECRET: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_KEY: Final = re.compile(r"[-._a-zA-Z0-9]+")
_LONGEST: Final = 253


@attrs.frozen
class SecretReference:
    """The environment variable `variable` is the value of `key` in the Secret `secret`."""

    variable: str
    secret: str
    key: str

    def environment_variable(self) -> dict[str, Any]:
        """As a container's `env` has it (Kubernetes' EnvVar). A missing secret keeps the container from starting."""
        source = {"secretKeyRef": {"name": self.secret, "key": self.key}}
        return {"name": self.variable, "valueFrom": source}


def secret_references(details: FunctionDetails) -> list[SecretReference]:
    """The references of a function, in the order in which its configuration gives them; AdmissionError."""
    return [_reference(name, given) for name, given in _secrets(details).items()]


def _secrets(details: FunctionDetails) -> Mapping[str, Any]:
    try:
        secrets = json.loads(details.secretsMap or "{}")
    except (ValueError, RecursionError) as error:
        raise AdmissionError(f"secrets is not valid JSON: {error}") from error
    if not isinstance(secrets, Mapping | None):
        raise AdmissionError("secrets has to map names of environment variables to secrets")
    return secrets or {}


def _reference(variable: str, given: Any) -> SecretReference:
    """The first four refusals are upstream's; what it takes beyond them fails when the function starts."""
    if not isinstance(given, Mapping):
        raise AdmissionError("Kubernetes Secret should be a Map containing id/key pairs")
    if len(given) < len((PATH, KEY)):
        raise AdmissionError("Kubernetes Secret should contain id and key")
    if PATH not in given:
        raise AdmissionError("Kubernetes Secret should contain id information")
    if KEY not in given:
        raise AdmissionError("Kubernetes Secret should contain key information")
    if variable == RESERVED or not _VARIABLE.fullmatch(variable):
        raise AdmissionError(f"the secret {variable!r} cannot be an environment variable: {_why(variable)}")
    secret = _text(variable, PATH, given[PATH], _SECRET, "the name of a Secret")
    return SecretReference(variable, secret, _text(variable, KEY, given[KEY], _KEY, "a key of a Secret"))


def _why(variable: str) -> str:
    if variable == RESERVED:
        return "instances know their number from this one"
    return "its name has to be printable ASCII without '='"


def _text(variable: str, field: str, value: Any, form: re.Pattern[str], expected: str) -> str:
    if not (isinstance(value, str) and len(value) <= _LONGEST and form.fullmatch(value)):
        raise AdmissionError(f"the {field} of the secret {variable!r} is not {expected}, but {value!r:.60}")
    return value
