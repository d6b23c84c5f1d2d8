"""What a faulty API server does: refuses, is slow, hangs up before or after the work is done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import attrs
from aiohttp import web

Forward = Callable[[], Awaitable[web.StreamResponse]]
"""Lets the API server do its work."""
Act = Callable[[web.BaseRequest, Forward], Awaitable[web.StreamResponse]]

ALL_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@attrs.define
class Fault:
    """What happens to requests of some methods whose path and query contain a text. `hits` counts them."""

    act: Act
    methods: tuple[str, ...] = ALL_METHODS
    text: str = ""
    hits: int = attrs.field(default=0, init=False)

    def fits(self, request: web.BaseRequest) -> bool:
        """Whether a request meets this fault."""
        fits = request.method in self.methods and self.text in request.raw_path
        self.hits += fits
        return fits


def refuse(status: int, **headers: str) -> Act:
    """Answer as the API server refuses; `Retry_After="2"` becomes a header."""

    async def act(_: web.BaseRequest, __: Forward) -> web.StreamResponse:
        reason = {"kind": "Status", "code": status, "reason": "Injected", "message": f"a fault of the test, {status}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(reason, status=status, headers=named)

    return act


def answer_after(seconds: float) -> Act:
    """Do the work, and take so long for it."""

    async def act(_: web.BaseRequest, forward: Forward) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await forward()

    return act


async def hang_up(request: web.BaseRequest, _: Forward) -> web.StreamResponse:
    """Reset the connection without having done anything."""
    return _reset(request)


async def hang_up_and_do(request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
    """Reset the connection, and do the work nevertheless."""
    await request.read()
    _reset(request)
    return await forward()


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response()
