"""What can go wrong between the worker and the API server."""

import http
import json
from typing import Any, Final

from pulsemill.errors import PulsemillError

_HEALING: Final = frozenset(
    {
        http.HTTPStatus.CONFLICT,
        http.HTTPStatus.TOO_MANY_REQUESTS,
        http.HTTPStatus.INTERNAL_SERVER_ERROR,
        http.HTTPStatus.BAD_GATEWAY,
        http.HTTPStatus.SERVICE_UNAVAILABLE,
        http.HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class UnreachableError(PulsemillError):
    """The API server did not answer, or stopped in the midst of it."""

    def __init__(self, method: str, path: str, cause: Exception) -> None:
        reason = str(cause) or ("no answer in time" if isinstance(cause, TimeoutError) else type(cause).__name__)
        super().__init__(f"the Kubernetes API server cannot be reached for {method} {path}: {reason}")


class NoJsonError(ValueError):
    """Something else answered than the API server, such as a proxy with a page."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(f"what answers there sends no JSON: {answer[:100].decode(errors='replace')!r}")


class ApiError(PulsemillError):
    """The API server refused a request: `status` is HTTP's, `reason` and `text` are of its Status object.

    `retry_after_seconds` is how long it wants to be left in peace, 0 when it does not say.
    """

    def __init__(
        self, method: str, path: str, status: int, reason: str, text: str, retry_after_seconds: float = 0.0
    ) -> None:
        super().__init__(f"Kubernetes answered {status} {reason} to {method} {path}: {text}")
        self.status = status
        self.reason = reason
        self.text = text
        self.retry_after_seconds = retry_after_seconds

    @classmethod
    def from_answer(cls, method: str, path: str, status: int, body: bytes, retry_after: str = "") -> "ApiError":
        """Read the Status object that the server sends, or whatever it sent instead."""
        answer = _status_object(body)
        text = answer.get("message") or body.decode(errors="replace")[:500]
        seconds = float(retry_after) if retry_after.isdecimal() else 0.0
        return cls(method, path, status, str(answer.get("reason") or ""), str(text), seconds)

    @property
    def is_not_found(self) -> bool:
        """Whether the object does not exist."""
        return self.status == http.HTTPStatus.NOT_FOUND

    @property
    def is_conflict(self) -> bool:
        """Whether the object, or the part of it that was to be written, is somebody else's or changed meanwhile."""
        return self.status == http.HTTPStatus.CONFLICT

    @property
    def is_gone(self) -> bool:
        """Whether a resource version is too old to watch from."""
        return self.status == http.HTTPStatus.GONE

    @property
    def is_invalid(self) -> bool:
        """Whether the server does not take the object, for instance because a field may never change."""
        return self.status == http.HTTPStatus.UNPROCESSABLE_ENTITY


def is_worth_retrying(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    return isinstance(error, UnreachableError) or (isinstance(error, ApiError) and error.status in _HEALING)


def _status_object(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
