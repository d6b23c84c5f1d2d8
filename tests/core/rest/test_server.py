"""What only a real server shows: bodies over the limit, clients that break off, whole connections."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import httpx2
import pytest
import uvicorn

from pulsemill.rest.app import create_app

HEAD = (
    b'--b\r\nContent-Disposition: form-data; name="functionConfig"\r\nContent-Type: application/json\r\n\r\n'
    b'{"className": "a.B", "inputs": ["in"], "runtime": "PYTHON"}\r\n'
    b'--b\r\nContent-Disposition: form-data; name="data"; filename="x.py"\r\n\r\n'
)
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture
async def address(world: Any) -> AsyncIterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(world.ports), lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve([listener]))
    yield listener.getsockname()
    server.should_exit = True
    await asyncio.wait_for(serving, 10)


async def body(size: int, chunk: bytes = b"x" * 65536) -> AsyncIterator[bytes]:
    yield HEAD
    for _ in range(size // len(chunk)):
        yield chunk
    yield b"\r\n--b--\r\n"


async def test_an_oversized_upload_is_answered_even_to_a_client_that_writes_all_first(
    world: Any, address: tuple[str, int]
) -> None:
    async with httpx2.AsyncClient(base_url="http://{}:{}".format(*address)) as client:
        response = await client.post(world.url, content=body(150_000), headers=FORM)
        assert response.status_code == 413
        assert "larger than this worker takes" in response.json()["reason"]
        assert (await client.get("/initialized")).text == "true"
    assert world.functions.by_name == {}


async def test_a_refused_client_that_still_writes_gets_its_answer(world: Any, address: tuple[str, int]) -> None:
    world.membership.initialized = False
    async with httpx2.AsyncClient(base_url="http://{}:{}".format(*address)) as client:
        response = await client.post(world.url, content=body(150_000), headers=FORM)
        assert response.status_code == 503


async def test_a_careful_client_need_not_send_what_is_refused(world: Any, address: tuple[str, int]) -> None:
    reader, writer = await asyncio.open_connection(*address)
    headers = {"Host": "x", "Content-Length": str(2**40), "Expect": "100-continue", **FORM}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST {world.url} HTTP/1.1\r\n{lines}\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_client_without_end_is_cut_off(world: Any, address: tuple[str, int]) -> None:
    async with httpx2.AsyncClient(base_url="http://{}:{}".format(*address)) as client:
        endless = client.post(world.url, content=body(2**30), headers=FORM)
        assert await _status_or_broken(endless) in {413, None}
        assert (await client.get("/initialized")).text == "true"
    assert world.functions.by_name == {}


async def test_a_client_that_breaks_off_leaves_nothing_and_no_traceback(
    world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": HEAD + b"x" * 1000, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": world.url,
        "query_string": b"",
        "headers": [(b"content-type", FORM["Content-Type"].encode())],
    }
    await create_app(world.ports)(scope, receive, send)
    assert sent[0]["status"] == 400
    assert "Traceback" not in caplog.text
    assert list((world.ports.packages.directory / "incoming").iterdir()) == []


async def _status_or_broken(request: Awaitable[httpx2.Response]) -> int | None:
    try:
        return (await request).status_code
    except httpx2.HTTPError:
        return None
