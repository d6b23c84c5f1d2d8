"""Stands before the API server of Kubernetes: counts what workers ask of it, and answers wrongly where it is told to.

Workers find it through `k8Uri`, speak plain HTTP without credentials to it, and so act with the rights of the user that
the kubeconfig file names. Its thread owns the event loop; `faults` and `frozen` are only read there, and replaced as a
whole by others.
"""

import asyncio
import contextlib
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import attrs
from aiohttp import web
from kubernetes import config
from kubernetes.client import Configuration

from tests.rig.kubernetes.faults import Fault, Forward

HOST: Final = "127.0.0.1"
ONE_HOP: Final = {"connection", "host", "keep-alive", "transfer-encoding", "content-length"}
START_SECONDS: Final = 30.0
THAW_SECONDS: Final = 0.05


@attrs.frozen
class ApiAccess:
    """Where the API server is, and what identifies a user to it."""

    url: str
    identity: ssl.SSLContext

    @classmethod
    def of(cls, kubeconfig: Path) -> "ApiAccess":
        """The current context's, whose user has a client certificate."""
        found = Configuration()
        config.load_kube_config(str(kubeconfig), client_configuration=found)  # type: ignore[no-untyped-call]
        identity = ssl.create_default_context(cafile=found.ssl_ca_cert)
        identity.load_cert_chain(found.cert_file, found.key_file)
        return cls(str(found.host).rstrip("/"), identity)


@attrs.define
class ApiProxy:
    """A running proxy. `counts` are of methods and kinds, such as "PATCH statefulsets"; they grow as requests come.

    The first of the `faults` that fits a request deals with it. While it is `frozen`, no byte of an answer that already
    began, as a watch's, goes on.
    """

    access: ApiAccess
    counts: Counter[str] = attrs.field(factory=Counter, init=False)
    faults: tuple[Fault, ...] = attrs.field(default=(), init=False)
    frozen: bool = attrs.field(default=False, init=False)
    url: str = attrs.field(default="", init=False)
    _loop: asyncio.AbstractEventLoop | None = attrs.field(default=None, init=False)
    _connections: set[asyncio.Transport] = attrs.field(factory=set, init=False)

    @contextmanager
    def faulty(self, *faults: Fault) -> Iterator[None]:
        """These faults and no others, for the time of the block."""
        self.faults = faults
        try:
            yield
        finally:
            self.faults = ()

    def cut(self) -> None:
        """Reset the connections of answers that are under way, as those of watches are."""
        assert self._loop
        self._loop.call_soon_threadsafe(lambda: [each.abort() for each in self._connections])

    async def serve(self, started: threading.Event, stop: asyncio.Event) -> None:
        """Listen on a free port until told to stop."""
        connector = aiohttp.TCPConnector(ssl=self.access.identity, limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as session:
            server = web.Server(lambda request: self._answer(session, request))
            runner = web.ServerRunner(server, shutdown_timeout=1)
            await runner.setup()
            site = web.TCPSite(runner, HOST, 0)
            await site.start()
            self._loop = asyncio.get_running_loop()
            self.url = f"http://{HOST}:{runner.addresses[0][1]}"
            started.set()
            await stop.wait()
            await runner.cleanup()

    async def _answer(self, session: aiohttp.ClientSession, request: web.BaseRequest) -> web.StreamResponse:
        self.counts[f"{request.method} {kind_of(request.path)}"] += 1
        forward: Forward = lambda: self._forward(session, request)  # noqa: E731 it needs its type
        fault = next((each for each in self.faults if each.fits(request)), None)
        connection = request.transport
        assert connection
        self._connections.add(connection)
        try:
            return await (fault.act(request, forward) if fault else forward())
        finally:
            self._connections.discard(connection)

    async def _forward(self, session: aiohttp.ClientSession, request: web.BaseRequest) -> web.StreamResponse:
        """Answers go through as they come, as those of watches have to."""
        headers = passed_on(request.headers)
        url = f"{self.access.url}{request.raw_path}"
        async with session.request(request.method, url, headers=headers, data=await request.read()) as answer:
            response = web.StreamResponse(status=answer.status, headers=passed_on(answer.headers))
            with contextlib.suppress(ConnectionError):  # a worker that ended took its watches along
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    while self.frozen:  # noqa: ASYNC110 another thread changes it
                        await asyncio.sleep(THAW_SECONDS)
                    await response.write(chunk)
                await response.write_eof()
            return response


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """What is not about one connection only."""
    return {name: value for name, value in headers.items() if name.lower() not in ONE_HOP}


def kind_of(path: str) -> str:
    """The plural kind that a path of the API is about."""
    words = urlsplit(path).path.strip("/").split("/")
    if "namespaces" in words and len(words) > words.index("namespaces") + 2:
        return words[words.index("namespaces") + 2]
    return words[-1]


@contextmanager
def api_proxy(kubeconfig: Path) -> Iterator[ApiProxy]:
    """A proxy in a thread of its own, which alone owns its event loop; it ends with the block."""
    proxy = ApiProxy(ApiAccess.of(kubeconfig))
    loop, stop, started = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:  # which ends what watches are left
            runner.run(proxy.serve(started, stop))

    thread = threading.Thread(target=run, name="proxy")
    thread.start()
    try:
        assert started.wait(START_SECONDS), "the proxy did not start"
        yield proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_SECONDS)
