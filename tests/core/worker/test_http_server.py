"""Serving the REST API."""

import asyncio
import socket

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pulsemill.worker.http_server import HttpServer, PortError, listen

HOST = "127.0.0.1"


class Slow:
    """An application whose answer waits for a gate."""

    def __init__(self) -> None:
        self.asked, self.gate = asyncio.Event(), asyncio.Event()
        self.app = Starlette(routes=[Route("/", self.answer)])

    async def answer(self, _: Request) -> Response:
        self.asked.set()
        await self.gate.wait()
        return PlainTextResponse("done")


def url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}/"


async def test_serves_until_it_is_stopped() -> None:
    slow = Slow()
    slow.gate.set()
    listener = listen(HOST, 0)
    address = url(listener)
    server = HttpServer(slow.app, listener)
    await server.start()
    async with httpx2.AsyncClient() as client:
        assert (await client.get(address)).text == "done"
        await server.stop()
        await server.stop()
        with pytest.raises(httpx2.ConnectError):
            await client.get(address)


async def test_a_request_under_way_gets_its_answer() -> None:
    slow = Slow()
    listener = listen(HOST, 0)
    server = HttpServer(slow.app, listener)
    await server.start()
    async with httpx2.AsyncClient() as client:
        request = asyncio.create_task(client.get(url(listener)))
        await slow.asked.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        slow.gate.set()
        assert (await request).text == "done"
        await stopping


def test_a_port_in_use_is_one_clear_error() -> None:
    with listen(HOST, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=rf"cannot listen on {HOST}:{port} \(workerPort\): Address already in use"):
            listen(HOST, port)


def test_a_server_that_never_started_gives_its_port_back() -> None:
    listener = listen(HOST, 0)
    asyncio.run(HttpServer(Starlette(), listener).stop())
    assert listener.fileno() == -1
