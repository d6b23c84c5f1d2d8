"""A way to a pod's port through the API server, for workers outside of the cluster's network.

Each connection to a Unix socket of ours becomes a websocket to the pod's portforward subresource. Frames begin with a
channel: an even one for data, the odd one after it for an error; the first frame of each tells the port.
"""

import asyncio
import contextlib
import http
import logging
from pathlib import Path
from typing import Final

import aiohttp

from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.api_errors import ApiError
from pulsemill_runtime_k8s.objects import path_of
from pulsemill_runtime_k8s.rbac import Right

PROTOCOL: Final = "v4.channel.k8s.io"
CHUNK_BYTES: Final = 64 * 1024
_DATA: Final = 0

logger = logging.getLogger(__name__)


class PortForward:
    """Serves `socket` until it is closed. Its folder must be one that nobody else can enter.

    `problem` is why the last connection failed, "" once data came from the pod.
    """

    def __init__(self, api: KubernetesApi, namespace: str, pod: str, port: int, socket: Path) -> None:
        self.problem = ""
        self._api = api
        self._right = Right("", "pods/portforward", ("get",), namespace)
        self._path = f"{path_of('Pod', namespace, pod)}/portforward"
        self._port = port
        self._socket = socket
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen; the address for gRPC."""
        self._socket.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._accept, self._socket)
        return f"unix:{self._socket}"

    async def close(self) -> None:
        """End all connections. Idempotent."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        await asyncio.to_thread(self._socket.unlink, missing_ok=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if self._server is None:  # accepted while it was closed
            writer.close()
            return
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            await self._relay(reader, writer)
        except (PulsemillError, OSError, aiohttp.ClientError) as error:
            self.problem = self._explained(error)
            logger.debug("%s: %s", self._path, self.problem)
        except asyncio.CancelledError:
            # Nobody but `close` cancels; before Python 3.12 asyncio logs a cancelled connection as an error.
            return
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        socket = await self._api.websocket(self._path, {"ports": str(self._port)}, PROTOCOL)
        try:
            ways = [
                asyncio.create_task(_upstream(reader, socket)),
                asyncio.create_task(self._downstream(socket, writer)),
            ]
            try:
                ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
            for way in ended:
                way.result()
        finally:
            await socket.close()

    async def _downstream(self, socket: aiohttp.ClientWebSocketResponse, writer: asyncio.StreamWriter) -> None:
        opened: set[int] = set()
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
                continue
            channel, data = message.data[0], message.data[1:]
            if channel not in opened:
                opened.add(channel)
            elif channel == _DATA:
                self.problem = ""
                writer.write(data)
                await writer.drain()
            elif data:
                raise PulsemillError(data.decode(errors="replace").strip())

    def _explained(self, error: Exception) -> str:
        if isinstance(error, ApiError) and error.status == http.HTTPStatus.FORBIDDEN:
            rule = self._right.rule(self._right.verbs)
            return f"{error}; the worker's Role in namespace {self._right.namespace} needs {rule}"
        return str(error) or type(error).__name__


async def _upstream(reader: asyncio.StreamReader, socket: aiohttp.ClientWebSocketResponse) -> None:
    while data := await reader.read(CHUNK_BYTES):
        await socket.send_bytes(bytes([_DATA]) + data)
