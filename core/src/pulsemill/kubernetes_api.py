"""The API server of Kubernetes, as its runtime lends it to companions such as function auth providers.

Bodies are in the JSON shapes of Kubernetes; the client library is the runtime's.
"""

import http
from collections.abc import Mapping
from typing import Any, Final, Protocol

from pulsemill.errors import PulsemillError

JSON: Final = "application/json"
METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
"""Asks for an object's metadata alone."""
METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_TEMPORARY: Final = frozenset(
    {
        http.HTTPStatus.REQUEST_TIMEOUT,
        http.HTTPStatus.TOO_MANY_REQUESTS,
        http.HTTPStatus.INTERNAL_SERVER_ERROR,
        http.HTTPStatus.BAD_GATEWAY,
        http.HTTPStatus.SERVICE_UNAVAILABLE,
        http.HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class KubernetesError(PulsemillError):
    """The API server refused a request with a `status` of HTTP, or did not answer at all, which is 0.

    `text` is its own words, without the request. `retry_after_seconds` is how long it wants to be left in peace, 0 when
    it does not say.
    """

    def __init__(self, message: str, text: str, status: int = 0, retry_after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.text = text
        self.status = status
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed in a moment."""
        return self.status == 0 or self.status in _TEMPORARY

    @property
    def is_not_found(self) -> bool:
        """Whether the object does not exist."""
        return self.status == http.HTTPStatus.NOT_FOUND

    @property
    def is_conflict(self) -> bool:
        """Whether the object, or the part of it that was to be written, is somebody else's or changed meanwhile."""
        return self.status == http.HTTPStatus.CONFLICT

    @property
    def is_forbidden(self) -> bool:
        """Whether the worker has no right to it."""
        return self.status == http.HTTPStatus.FORBIDDEN


class KubernetesApi(Protocol):
    """Requests, bounded in time. No error quotes what was sent, which may be a secret.

    `manager` is the owner that the API server is to record for what this cluster of workers creates.
    """

    manager: str

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: dict[str, Any] | None = None,
        *,
        accept: str = JSON,
    ) -> dict[str, Any]:
        """One request, tried again while the server is away, overloaded or in conflict; KubernetesError."""
        ...

    async def request_once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: dict[str, Any] | None = None,
        *,
        accept: str = JSON,
    ) -> dict[str, Any]:
        """One request, tried once; KubernetesError."""
        ...
