"""Secrets of tokens in Kubernetes: created, deleted and looked for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs

from pulsemill.errors import PulsemillError
from pulsemill.kubernetes_api import JSON, METADATA, METADATA_LIST, KubernetesApi, KubernetesError
from pulsemill_auth_token import secret
from pulsemill_auth_token.secret import SecretKey

ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 5.0
PAGE: Final = 500
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
    """The secrets of one cluster of workers, which the API server knows by `api.manager`."""

    api: KubernetesApi

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
            await self.api.request_once("POST", _path(namespace), {"fieldManager": self.api.manager}, body)
            return key.id

        try:
            created: str = await _retrying(attempt)
        except KubernetesError as error:
            raise PulsemillError(
                f"its token cannot be stored in namespace {namespace}: {error.text}{_hint(error)}"
            ) from error
        return created

    async def replaced_by(self, key: SecretKey) -> tuple[SecretKey, ...]:
        """The secrets that one replaced, none if it is gone; KubernetesError."""
        try:
            item = await self.api.request("GET", _path(key.namespace, key.name), accept=METADATA)
        except KubernetesError as error:
            if error.is_not_found:
                return ()
            raise
        return secret.replaced_keys(item, key.namespace)

    async def delete(self, key: SecretKey) -> None:
        """Delete a secret, or find that it is gone; KubernetesError."""
        try:
            await self.api.request("DELETE", _path(key.namespace, key.name))
        except KubernetesError as error:
            if not error.is_not_found:
                raise

    async def stored(self, namespace: str) -> list[secret.StoredSecret]:
        """The secrets that these workers created in a namespace; KubernetesError. No data is asked for."""
        items = self._items(_path(namespace), METADATA_LIST)
        return [secret.StoredSecret.of(item, namespace) async for item in items if secret.is_of(item, self.api.manager)]

    async def mounted(self, namespace: str) -> frozenset[str]:
        """The names of all secrets that StatefulSets and pods of a namespace mount; KubernetesError."""
        names = [name async for name in self._mounted_by(_in_namespace("/apis/apps/v1", namespace, "statefulsets"))]
        names += [name async for name in self._mounted_by(_in_namespace("/api/v1", namespace, "pods"))]
        return frozenset(names)

    async def _mounted_by(self, path: str) -> AsyncIterator[str]:
        async for item in self._items(path):
            spec: Mapping[str, Any] = item["spec"].get("template", item)["spec"]
            for volume in spec.get("volumes") or ():
                yield volume.get("secret", {}).get("secretName", "")

    async def _items(self, path: str, accept: str = JSON) -> AsyncIterator[dict[str, Any]]:
        """Everything of a collection, page by page; KubernetesError."""
        query = {"limit": str(PAGE)}
        while True:
            answer = await self.api.request("GET", path, query, accept=accept)
            for item in answer.get("items") or ():  # null, not empty, for metadata alone
                yield item
            query["continue"] = answer["metadata"].get("continue", "")
            if not query["continue"]:
                return


async def _retrying(attempt: Callable[[], Awaitable[str]]) -> str:
    """What an attempt gives, of up to five, as upstream; the last KubernetesError is raised."""
    import tenacity  # noqa: PLC0415 only calls need it

    retrying = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=_pause,
        retry=tenacity.retry_if_exception(
            lambda error: isinstance(error, KubernetesError) and (error.is_temporary or error.is_conflict)
        ),
        reraise=True,
    )
    return await retrying(attempt)


def _pause(state: Any) -> float:
    """As long as the API server asks for, within limits."""
    error: BaseException = state.outcome.exception()
    wish = error.retry_after_seconds if isinstance(error, KubernetesError) else 0.0
    return min(max(PAUSE_SECONDS, wish), LONGEST_PAUSE_SECONDS)


def _path(namespace: str, name: str = "") -> str:
    return _in_namespace("/api/v1", namespace, "secrets") + (f"/{name}" if name else "")


def _in_namespace(group: str, namespace: str, collection: str) -> str:
    return f"{group}/namespaces/{quote(namespace, safe='')}/{collection}"


def _hint(error: KubernetesError) -> str:
    if error.is_forbidden and "cannot create resource" in error.text:
        return f"; {ADD_RULE}{STORING}"
    return ""
