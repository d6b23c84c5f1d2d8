"""What is logged of requests: changes and refusals; of those who ask again and again, only a new answer."""

import logging
from http import HTTPStatus
from typing import Final

import attrs
from starlette.requests import Request
from starlette.responses import Response

from pulsemill.rest.addresses import shown_path

log = logging.getLogger(__name__)

PROBES: Final = ("/initialized", "/cluster/leader/ready")
"""Ends of the paths that load balancers and kubelets ask, each every few seconds, and to which 503 is no failure."""

READINESS: Final = (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)


@attrs.define
class AccessLog:
    """The log of one route."""

    path: str
    _readiness: int | None = attrs.field(default=None, init=False)

    def add(self, request: Request, response: Response, seconds: float) -> None:
        """Note a request that was answered."""
        log.log(
            self._level(request.method, response.status_code),
            "%s %s: %d",
            request.method,
            shown_path(request),
            response.status_code,
            extra={**request.path_params, "milliseconds": round(seconds * 1000)},
        )

    def _level(self, method: str, status: int) -> int:
        if self.path.endswith(PROBES) and status in READINESS:
            before, self._readiness = self._readiness, status
            return logging.DEBUG if status == before else logging.INFO
        is_routine = method in {"GET", "HEAD"} and status < HTTPStatus.BAD_REQUEST
        return logging.DEBUG if is_routine else logging.INFO
