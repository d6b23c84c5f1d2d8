"""The way to a pod's port through the API server: frames both ways, refusals, an end amid a connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from kubernetes.aio.client import ApiClient, Configuration

from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.port_forward import CHUNK_BYTES, PROTOCOL, PortForward

PORT = 9093
NEEDED_RULE = '- {apiGroups: [""], resources: [pods/portforward], verbs: [get]}'
SECONDS = 60


class ApiServer:
    """Upgrades to a websocket, tells the port on both channels, then does what a test says."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[web.Request] = []
        self.ended = asyncio.Event()
        self.pod: Callable[[web.WebSocketResponse], Awaitable[None]] = echo

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if self.status != 200:
            return web.Response(status=self.status)
        socket = web.WebSocketResponse(protocols=(PROTOCOL,))
        await socket.prepare(request)
        try:
            for channel in (0, 1):
                await socket.send_bytes(bytes([channel]) + PORT.to_bytes(2, "little"))
            await self.pod(socket)
        finally:
            self.ended.set()
        return socket


async def echo(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        assert message.type is WSMsgType.BINARY
        assert message.data[0] == 0
        await socket.send_bytes(message.data)


async def refuse(socket: web.WebSocketResponse) -> None:
    await socket.send_bytes(b"\1connection refused in the pod\n")


@pytest.fixture
def server() -> ApiServer:
    return ApiServer()


@pytest.fixture
async def forward(server: ApiServer, tmp_path: Path) -> AsyncIterator[PortForward]:
    """Not started; to the port of pf-0."""
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    test_server = TestServer(app)
    await test_server.start_server()
    api = KubernetesApi(ApiClient(Configuration(host=f"http://127.0.0.1:{test_server.port}")), "pulsemill:test")
    made = PortForward(api, "jobs", "pf-0", PORT, tmp_path / "socket")
    yield made
    await made.close()
    await api.close()
    await test_server.close()


async def connect(forward: PortForward) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = await forward.start()
    return await asyncio.open_unix_connection(address.removeprefix("unix:"))


async def end_of(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.read(), SECONDS)


async def test_data_goes_both_ways_without_the_frames_that_tell_the_port(
    forward: PortForward, server: ApiServer
) -> None:
    reader, writer = await connect(forward)
    data = bytes(range(256)) * (CHUNK_BYTES // 100)
    writer.write(data)
    assert await asyncio.wait_for(reader.readexactly(len(data)), SECONDS) == data
    (asked,) = server.asked
    assert (asked.path, asked.query["ports"]) == ("/api/v1/namespaces/jobs/pods/pf-0/portforward", str(PORT))
    writer.close()
    await asyncio.wait_for(server.ended.wait(), SECONDS)


async def test_each_connection_is_one_of_its_own(forward: PortForward, server: ApiServer) -> None:
    ways = [await connect(forward)]
    ways += [await asyncio.open_unix_connection(ways[0][1].get_extra_info("peername")) for _ in range(2)]
    for number, (_, writer) in enumerate(ways):
        writer.write(b"%d" % number)
    for number, (reader, writer) in enumerate(ways):
        assert await asyncio.wait_for(reader.readexactly(1), SECONDS) == b"%d" % number
        writer.close()
    assert len(server.asked) == 3


async def test_what_the_error_channel_says_ends_the_connection_and_is_kept(
    forward: PortForward, server: ApiServer
) -> None:
    server.pod = refuse
    reader, writer = await connect(forward)
    assert await end_of(reader) == b""
    assert forward.problem == "connection refused in the pod"
    writer.close()


async def test_a_missing_right_is_told_with_the_line_to_add(forward: PortForward, server: ApiServer) -> None:
    server.status = 403
    reader, writer = await connect(forward)
    assert await end_of(reader) == b""
    assert forward.problem.startswith("Kubernetes answered 403 ")
    assert forward.problem.endswith(f"; the worker's Role in namespace jobs needs {NEEDED_RULE}")
    writer.close()


async def test_a_problem_is_over_once_data_comes(forward: PortForward, server: ApiServer) -> None:
    server.pod = refuse
    reader, writer = await connect(forward)
    await end_of(reader)
    writer.close()
    assert forward.problem
    server.pod = echo
    await forward.close()
    reader, writer = await connect(forward)
    writer.write(b"a")
    assert await asyncio.wait_for(reader.readexactly(1), SECONDS) == b"a"
    assert forward.problem == ""
    writer.close()


async def test_a_close_ends_connections_and_can_be_repeated(
    forward: PortForward, server: ApiServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await connect(forward)
    writer.write(b"a")
    await asyncio.wait_for(reader.readexactly(1), SECONDS)
    await forward.close()
    assert await end_of(reader) == b""
    await asyncio.wait_for(server.ended.wait(), SECONDS)
    assert not (tmp_path / "socket").exists()
    await forward.close()
    writer.close()
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []
