"""Binds handlers to paths: one route per path, so that a wrong method is told all the right ones."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pulsemill.rest.errors import answer_error
from pulsemill.rest.services import RestPorts

Handler = Callable[[RestPorts, Request], Awaitable[Response]]


def route(ports: RestPorts, path: str, **handlers: Handler) -> Route:
    """A route whose keyword arguments are its methods, e.g. `GET=get_function`."""

    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            return await handlers[method](ports, request)
        except Exception as error:  # noqa: BLE001 - the edge of the worker: every failure becomes an answer
            return answer_error(request, error)

    return Route(path, endpoint, methods=list(handlers))
