"""The Secret of a function's token: its name, its manifest, and what its metadata tell.

Upstream's has a random id, which is what the function's metadata keep, and nothing but its name and data.
"""

import base64
import re
import secrets
import string
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from pulsemill.customizer import Manifest
from pulsemill.errors import PulsemillError
from pulsemill_auth_token.mounting import TOKEN_FILE
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec

PREFIX: Final = "pf-secret-"
VOLUME: Final = "function-auth"
CA_FILE: Final = "ca.pem"
REPLACES: Final = "pulsemill/replaces"
"""The annotation that names what was the function's before: `id`, or `namespace/id` if it is in another namespace."""
GRACE: Final = timedelta(minutes=10)
"""No registration takes longer from its secret to its metadata."""

_ID_LENGTH: Final = 5
_ID: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_REPLACED: Final = re.compile(rf"(?:(?P<namespace>{_ID.pattern})/)?(?P<id>{_ID.pattern})")
_MOST_REPLACED: Final = 20


@attrs.frozen
class SecretKey:
    """Which secret."""

    namespace: str
    id: str

    @property
    def name(self) -> str:
        """Its name in Kubernetes."""
        return PREFIX + self.id


def new_id() -> str:
    """A random id of upstream's form."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(_ID_LENGTH))


def kept_id(spec: FunctionAuthenticationSpec | None) -> str:
    """The id in a function's metadata, "" for none; PulsemillError for what another provider kept, unseen."""
    data = spec.data if spec is not None else b""
    text = data.decode(errors="replace").strip()
    if text and not _ID.fullmatch(text):
        raise PulsemillError(
            "the function's credentials were kept by another functionAuthProviderClassName; "
            "update the function with its authentication data (--update-auth-data)"
        )
    return text


def manifest(key: SecretKey, token: str, ca: bytes | None, replaced: Iterable[SecretKey] = ()) -> Manifest:
    """The Secret to create."""
    metadata: dict[str, Any] = {"name": key.name}
    texts = [each.id if each.namespace == key.namespace else f"{each.namespace}/{each.id}" for each in replaced]
    names = ",".join(texts[:_MOST_REPLACED])
    if names:
        metadata["annotations"] = {REPLACES: names}
    data = {TOKEN_FILE: token.encode()} | ({} if ca is None else {CA_FILE: ca})
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}


def volume(secret_id: str) -> Manifest:
    """The volume that brings it into pods."""
    return {"name": VOLUME, "secret": {"secretName": PREFIX + secret_id}}


@attrs.frozen
class StoredSecret:
    """What the API server tells of a secret, without its data."""

    id: str
    created: datetime
    replaces: tuple[SecretKey, ...] = ()

    @classmethod
    def of(cls, item: Mapping[str, Any], namespace: str) -> "StoredSecret":
        """From its metadata."""
        metadata = item["metadata"]
        created = datetime.fromisoformat(metadata["creationTimestamp"])
        return cls(metadata["name"].removeprefix(PREFIX), created, replaced_keys(item, namespace))


def replaced_keys(item: Mapping[str, Any], namespace: str) -> tuple[SecretKey, ...]:
    """What the annotation of a secret in a namespace names."""
    annotations: Mapping[str, str] = item["metadata"].get("annotations") or {}
    found = map(_REPLACED.fullmatch, annotations.get(REPLACES, "").split(","))
    return tuple(SecretKey(each["namespace"] or namespace, each["id"]) for each in found if each)


def is_of(item: Mapping[str, Any], field_manager: str) -> bool:
    """Whether these workers created an object, by what the API server recorded, and as a token's secret."""
    managers = {entry.get("manager") for entry in item["metadata"].get("managedFields") or ()}
    return str(item["metadata"]["name"]).startswith(PREFIX) and field_manager in managers


def replaced_by(stored: Iterable[StoredSecret], used: Collection[str]) -> set[SecretKey]:
    """What those of the stored secrets replaced that functions use."""
    return {key for secret in stored if secret.id in used for key in secret.replaces}


def orphans(
    stored: Iterable[StoredSecret], used: Collection[str], replaced: Collection[str], now: datetime
) -> list[str]:
    """The ids that no function uses: of secrets that were replaced, and of such that are too old to be used soon."""
    return [
        secret.id
        for secret in stored
        if secret.id not in used and (secret.id in replaced or now - secret.created >= GRACE)
    ]
