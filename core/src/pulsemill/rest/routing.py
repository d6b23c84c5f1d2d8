"""Binds handlers to paths: one route per path, so that a wrong method is told all the right ones."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from pulsemill.rest.access_log import AccessLog
from pulsemill.rest.authorization import require_access
from pulsemill.rest.errors import answer_error
from pulsemill.rest.multipart import BODY_STARTED
from pulsemill.rest.services import RestPorts
from pulsemill.security.access import access_of

READ_AWAY_SECONDS = 30.0


class SomePath(PathConvertor):
    """`{key:some}` in a path: anything, slashes too, but not nothing."""

    regex = ".+"


register_url_convertor("some", SomePath())

Handler = Callable[[RestPorts, Request], Awaitable[Response]]


def route(ports: RestPorts, path: str, **handlers: Handler) -> Route:
    """A route whose keyword arguments are its methods, e.g. `GET=get_function`. The path says who may call it."""
    access, access_log = access_of(path), AccessLog(path)

    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        started = time.monotonic()
        try:
            await require_access(ports, request, access)
            response = await handlers[method](ports, request)
        except Exception as error:  # noqa: BLE001 - the edge of the worker: every failure becomes an answer
            await read_away(request, 2 * ports.packages.max_bytes)
            response = answer_error(request, error)
        access_log.add(request, response, time.monotonic() - started)
        return response

    return Route(path, endpoint, methods=list(handlers))


async def read_away(request: Request, max_bytes: int) -> None:
    """Take what a refused client still sends: one that is writing misses the answer and sees a broken connection."""
    waits_for_leave = "100-continue" in request.headers.get("expect", "").lower()
    if waits_for_leave and not getattr(request.state, BODY_STARTED, False):
        return
    seen = 0
    try:
        async with asyncio.timeout(READ_AWAY_SECONDS):
            async for chunk in request.stream():
                seen += len(chunk)
                if seen > max_bytes:
                    return
    except (ClientDisconnect, TimeoutError, RuntimeError):
        return  # RuntimeError: starlette's word for a body that was read to its end
