"""Binds handlers to paths: one route per path, so that a wrong method is told all the right ones."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from pulsemill.rest.errors import answer_error
from pulsemill.rest.services import RestPorts

READ_AWAY_SECONDS = 30.0

Handler = Callable[[RestPorts, Request], Awaitable[Response]]


def route(ports: RestPorts, path: str, **handlers: Handler) -> Route:
    """A route whose keyword arguments are its methods, e.g. `GET=get_function`."""

    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            return await handlers[method](ports, request)
        except Exception as error:  # noqa: BLE001 - the edge of the worker: every failure becomes an answer
            await _read_away(request, 2 * ports.packages.max_bytes)
            return answer_error(request, error)

    return Route(path, endpoint, methods=list(handlers))


async def _read_away(request: Request, max_bytes: int) -> None:
    """Take what a refused client still sends: one that is writing misses the answer and sees a broken connection."""
    seen = 0
    try:
        async with asyncio.timeout(READ_AWAY_SECONDS):
            async for chunk in request.stream():
                seen += len(chunk)
                if seen > max_bytes:
                    return
    except (ClientDisconnect, TimeoutError, RuntimeError):
        return  # RuntimeError: starlette's word for a body that was read to its end
