"""Secrets of tokens in Kubernetes: created, deleted and looked for."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs

from pulsemill.errors import PulsemillError
from pulsemill_auth_token import secret
from pulsemill_auth_token.api import (
    CONFLICT,
    FORBIDDEN,
    METADATA,
    METADATA_LIST,
    NOT_FOUND,
    ApiError,
    KubernetesApi,
    retrying,
)
from pulsemill_auth_token.secret import SecretKey

ADD_RULE: Final = "add to a Role there: "
VERBS: Final = ("create", "get", "list", "delete")


def rule(verbs: Iterable[str]) -> str:
    """The line of a Role that grants some verbs on secrets."""
    return f'- {{apiGroups: [""], resources: [secrets], verbs: [{", ".join(verbs)}]}}'


STORING: Final = rule(VERBS)
READING: Final = rule(["get"])
LISTING: Final = (
    '- {apiGroups: [""], resources: [secrets, pods], verbs: [list]} and '
    "- {apiGroups: [apps], resources: [statefulsets], verbs: [list]}"
)


@attrs.frozen
class SecretsApi:
    """The secrets of one cluster of workers, which `field_manager` names."""

    api: KubernetesApi
    field_manager: str

    async def create(
        self, namespace: str, token: str, ca: bytes | None = None, replaced: tuple[SecretKey, ...] = ()
    ) -> str:
        """Store a token and certificates in a new secret, return its id; PulsemillError when that cannot be done.

        An id that is taken is left to who has it. An attempt whose answer was lost leaves a secret behind, which is
        found later as an orphan.
        """

        async def attempt() -> str:
            key = SecretKey(namespace, secret.new_id())
            body = secret.manifest(key, token, ca, replaced)
            await self.api.call("POST", _path(namespace), body, fieldManager=self.field_manager)
            return key.id

        try:
            created: str = await retrying(lambda error: error.is_temporary or error.status == CONFLICT)(attempt)
        except ApiError as error:
            raise PulsemillError(
                f"its token cannot be stored in namespace {namespace}: {error}{_hint(error)}"
            ) from error
        return created

    async def replaced_by(self, key: SecretKey) -> tuple[SecretKey, ...]:
        """The secrets that one replaced, none if it is gone; ApiError."""
        try:
            item = await self.api.repeated("GET", _path(key.namespace, key.name), accept=METADATA)
        except ApiError as error:
            if error.status == NOT_FOUND:
                return ()
            raise
        return secret.replaced_keys(item, key.namespace)

    async def delete(self, key: SecretKey) -> None:
        """Delete a secret, or find that it is gone; ApiError."""
        try:
            await self.api.repeated("DELETE", _path(key.namespace, key.name))
        except ApiError as error:
            if error.status != NOT_FOUND:
                raise

    async def stored(self, namespace: str) -> list[secret.StoredSecret]:
        """The secrets that these workers created in a namespace; ApiError. No data is asked for."""
        items = self.api.items(_path(namespace), METADATA_LIST)
        return [
            secret.StoredSecret.of(item, namespace) async for item in items if secret.is_of(item, self.field_manager)
        ]

    async def mounted(self, namespace: str) -> frozenset[str]:
        """The names of all secrets that StatefulSets and pods of a namespace mount; ApiError."""
        names = [name async for name in self._mounted_by(_in_namespace("/apis/apps/v1", namespace, "statefulsets"))]
        names += [name async for name in self._mounted_by(_in_namespace("/api/v1", namespace, "pods"))]
        return frozenset(names)

    async def _mounted_by(self, path: str) -> AsyncIterator[str]:
        async for item in self.api.items(path):
            spec: Mapping[str, Any] = item["spec"].get("template", item)["spec"]
            for volume in spec.get("volumes") or ():
                yield volume.get("secret", {}).get("secretName", "")


def _path(namespace: str, name: str = "") -> str:
    return _in_namespace("/api/v1", namespace, "secrets") + (f"/{name}" if name else "")


def _in_namespace(group: str, namespace: str, collection: str) -> str:
    return f"{group}/namespaces/{quote(namespace, safe='')}/{collection}"


def _hint(error: ApiError) -> str:
    if error.status == FORBIDDEN and "cannot create resource" in str(error):
        return f"; {ADD_RULE}{STORING}"
    return ""
