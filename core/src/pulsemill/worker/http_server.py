"""The HTTP server of a worker's REST API, on the worker's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final

import attrs
import uvicorn

from pulsemill.errors import PulsemillError
from pulsemill.security.server_tls import RenewableTls

BACKLOG: Final = 1024
REQUESTS_END_SECONDS: Final = 5
STOP_SECONDS: Final = 10.0


class PortError(PulsemillError):
    """The REST API cannot listen on its port."""


def listen(host: str, port: int, key: str = "workerPort") -> socket.socket:
    """A listening socket; port 0 takes a free one. To be opened before anything else of a worker is started."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortError(
            f"the REST API cannot listen on {host}:{port} ({key}): {error.strerror}; stop what uses the port, or "
            "choose another"
        ) from error
    return listener


class EmbeddedServer(uvicorn.Server):
    """A server that leaves signals to whoever runs the worker and tells when it takes requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        self.ready.set()


@attrs.define
class HttpServer:
    """Serves an ASGI application on a listening socket, over TLS if that is given.

    Every `renew_seconds` it looks for renewed certificates.
    """

    app: Any
    listener: socket.socket
    tls: RenewableTls | None = None
    renew_seconds: float = 0
    _server: EmbeddedServer = attrs.field(init=False)
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)
    _watch: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        config = uvicorn.Config(
            self.app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=REQUESTS_END_SECONDS,
        )
        config.load()
        config.ssl = self.tls.context if self.tls else None
        self._server = EmbeddedServer(config)

    async def start(self) -> None:
        """Serve; returns when requests are taken."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self.listener]), name="http server")
        if self.tls:
            self._watch = asyncio.create_task(self.tls.watch(self.renew_seconds), name="certificates")
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Take no more requests, let those under way end, within STOP_SECONDS. Idempotent."""
        if self._watch:
            self._watch.cancel()
            self._watch = None
        if self._task:
            self._server.should_exit = True
            await asyncio.wait([self._task], timeout=STOP_SECONDS)
            self._task.cancel()
            self._task = None
        self.listener.close()
