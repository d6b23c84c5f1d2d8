"""Lets in only who proved who it is (upstream's org.apache.pulsar.broker.web.AuthenticationFilter)."""

import logging
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from pulsemill.rest.addresses import shown_path
from pulsemill.rest.errors import RestError, answer_error
from pulsemill.rest.routing import read_away
from pulsemill.security.errors import AuthenticationError
from pulsemill.security.guard import Guard

NOT_AUTHENTICATED: Final = "Authentication required"

log = logging.getLogger(__name__)


class AuthenticationMiddleware:
    """Answers 401 itself, before any route is looked for. What the client did wrong is logged, not told."""

    def __init__(self, app: ASGIApp, guard: Guard, max_body_bytes: int) -> None:
        self.app = app
        self.guard = guard
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and self.guard.asks(scope["path"]):
            request = Request(scope, receive)
            try:
                request.state.caller = self.guard.authenticate(request.headers, request.query_params)
            except AuthenticationError as error:
                client = request.client.host if request.client else "unknown"
                log.warning("%s %s from %s refused: %s", request.method, shown_path(request), client, error)
                await read_away(request, self.max_body_bytes)
                await answer_error(request, RestError(401, NOT_AUTHENTICATED))(scope, receive, send)
                return
        await self.app(scope, receive, send)
