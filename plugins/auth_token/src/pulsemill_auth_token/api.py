"""Calls of the Kubernetes API: bounded in time, repeated while that can help, refused in words.

Bodies are in the JSON shapes of Kubernetes. An error never holds what was sent, which may be a token.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import attrs

from pulsemill.errors import PulsemillError

ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 5.0
CALL_SECONDS: Final = 10
PAGE: Final = 500

OK: Final = range(200, 300)
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
CONFLICT: Final = 409
TEMPORARY: Final = frozenset({408, 429, 500, 502, 503, 504})

METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
"""Asks for an object's metadata alone."""
METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class ApiError(PulsemillError):
    """The API server refused a call, with a status, or did not answer (status 0)."""

    def __init__(self, status: int, message: str, retry_after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_temporary(self) -> bool:
        """Whether the same call may succeed later."""
        return self.status == 0 or self.status in TEMPORARY


@attrs.frozen
class KubernetesApi:
    """Calls through a `kubernetes.aio.client.ApiClient`."""

    client: Any = attrs.field(repr=False)

    async def call(
        self, method: str, path: str, body: Any = None, *, accept: str = "application/json", **query: str | int
    ) -> dict[str, Any]:
        """One call; ApiError. `path` holds nothing that needs quoting."""
        import aiohttp  # noqa: PLC0415 only calls need it

        headers = {"Accept": accept, "Content-Type": "application/json"}
        try:
            async with asyncio.timeout(CALL_SECONDS):
                request = await self.client.param_serialize(
                    method, path, {}, list(query.items()), headers, body, auth_settings=["BearerToken"]
                )
                response = await self.client.call_api(*request)
                content = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise ApiError(0, f"the API server does not answer: {type(error).__name__} {error}".rstrip()) from error
        answer = _mapping(content)
        if response.status not in OK:
            raise _refusal(response.status, answer)
        if answer is None:
            raise ApiError(0, "what answers in the API server's place is none")
        return answer

    async def items(self, path: str, accept: str = "application/json") -> AsyncIterator[dict[str, Any]]:
        """Everything of a collection, page by page; ApiError."""
        query: dict[str, str | int] = {"limit": PAGE}
        while True:
            answer = await self.repeated("GET", path, accept=accept, **query)
            for item in answer.get("items") or ():  # null, not empty, for metadata alone
                yield item
            query["continue"] = answer["metadata"].get("continue", "")
            if not query["continue"]:
                return

    async def repeated(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """A call, again while the API server is in trouble; ApiError."""
        answer: dict[str, Any] = await retrying(lambda error: error.is_temporary)(self.call, method, path, **arguments)
        return answer


def retrying(again: Callable[[ApiError], bool]) -> Any:
    """Calls a coroutine function up to five times, as upstream; the last ApiError is raised."""
    import tenacity  # noqa: PLC0415 only calls need it

    return tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=_pause,
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, ApiError) and again(error)),
        reraise=True,
    )


def _pause(state: Any) -> float:
    """As long as the API server asks for, within limits."""
    error: ApiError = state.outcome.exception()
    return min(max(PAUSE_SECONDS, error.retry_after_seconds), LONGEST_PAUSE_SECONDS)


def _mapping(content: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(status: int, answer: Mapping[str, Any] | None) -> ApiError:
    told = answer or {}
    details = told.get("details") or {}
    message = told.get("message") or f"the API server answers {status}"
    return ApiError(status, str(message), float(details.get("retryAfterSeconds", 0)))
