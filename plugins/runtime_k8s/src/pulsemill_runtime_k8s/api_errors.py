"""What can go wrong between the worker and the API server."""

import http
import json
from typing import Any

from pulsemill.kubernetes_api import KubernetesError


class UnreachableError(KubernetesError):
    """The API server did not answer, or stopped in the midst of it."""

    def __init__(self, method: str, path: str, cause: Exception) -> None:
        reason = str(cause) or ("no answer in time" if isinstance(cause, TimeoutError) else type(cause).__name__)
        super().__init__(f"the Kubernetes API server cannot be reached for {method} {path}: {reason}", reason)


class NoJsonError(ValueError):
    """Something else answered than the API server, such as a proxy with a page, which may quote what it was sent."""

    def __init__(self, answer: bytes) -> None:
        told = f": {answer[:100].decode(errors='replace')!r}" if answer else ""
        super().__init__(f"what answers there sends no JSON{told}")


class ApiError(KubernetesError):
    """The API server refused a request: `status` is HTTP's, `reason` and `text` are of its Status object.

    `retry_after_seconds` is how long it wants to be left in peace, 0 when it does not say.
    """

    def __init__(
        self, method: str, path: str, status: int, reason: str, text: str, retry_after_seconds: float = 0.0
    ) -> None:
        message = f"Kubernetes answered {status} {reason} to {method} {path}: {text}"
        super().__init__(message, text, status, retry_after_seconds)
        self.reason = reason

    @classmethod
    def from_answer(
        cls, method: str, path: str, status: int, body: bytes, retry_after: str = "", *, is_quotable: bool = True
    ) -> "ApiError":
        """Read the Status object that the server sends, or, if that is quotable, whatever it sent instead."""
        answer = _status_object(body)
        text = answer.get("message") or (body.decode(errors="replace")[:500] if is_quotable else "no reason")
        seconds = float(retry_after) if retry_after.isdecimal() else 0.0
        return cls(method, path, status, str(answer.get("reason") or ""), str(text), seconds)

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
    return isinstance(error, KubernetesError) and (error.is_temporary or error.is_conflict)


def _status_object(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
