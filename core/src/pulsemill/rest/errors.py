"""How failures are answered: always JSON, `{"reason": "<text>"}` (upstream's ErrorData)."""

import logging
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from pulsemill.errors import (
    BrokerError,
    LeaderNotReadyError,
    MetadataOutOfDateError,
    MetadataWriteError,
    PulsemillError,
)
from pulsemill.packages.errors import PackageStorageError, PackageTooLargeError, PackageUrlRefusedError
from pulsemill.rest.addresses import shown_path, url_at
from pulsemill.rest.ports import DrainInProgressError, NotRemovedAfterDrainError, OwnedElsewhereError

log = logging.getLogger(__name__)


class RestError(PulsemillError):
    """An answer other than success, with its status, reason and headers."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = dict(headers or {})


def answer_error(request: Request, error: Exception) -> Response:
    """The response to a request that failed; what nobody foresaw is logged with its traceback and told without."""
    if isinstance(error, OwnedElsewhereError):
        return _redirect(request, error)
    if isinstance(error, ClientDisconnect):
        return _reason(400, "The client closed the connection before the end of its request")
    if isinstance(error, HTTPException):
        return _reason(error.status_code, error.detail, dict(error.headers or {}))
    if isinstance(error, PackageUrlRefusedError):
        log.warning("%s %s refused: %s", request.method, shown_path(request), error.why)
    if isinstance(error, PulsemillError):
        return _reason(*_status_and_text(error))
    log.error("%s %s failed", request.method, shown_path(request), exc_info=error)
    return _reason(500, "Request failed. The worker's log says why.")


def _status_and_text(error: PulsemillError) -> tuple[int, str, dict[str, str]]:
    match error:
        case RestError():
            return error.status, str(error), error.headers
        case PackageTooLargeError():
            return 413, str(error), {"Connection": "close"}
        case MetadataOutOfDateError():
            return 400, "Update request ignored because it is out of date. Please try again.", {}
        case MetadataWriteError() | PackageStorageError() | BrokerError():
            return 500, str(error), {}
        case DrainInProgressError():
            return 409, str(error), {}
        case NotRemovedAfterDrainError():
            return 412, str(error), {}
        case LeaderNotReadyError():
            return 503, str(error), {}
    return 400, str(error), {}


def _reason(status: int, reason: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"reason": reason}, status, headers)


def _redirect(request: Request, error: OwnedElsewhereError) -> Response:
    location = url_at(error.owner, request, shown_path(request), request.scope["query_string"].decode("latin-1"))
    return Response(status_code=307, headers={"Location": location})
