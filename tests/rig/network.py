"""A network that can fail: a TCP proxy before a server, whose connections can be cut, refused or stalled.

Before a broker it can swallow what a topic's producers send, too: so does a broker that has forgotten them.

An event loop in a thread of its own owns all sockets; the methods may be called from any other thread or loop.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import attrs

from tests.rig.frames import Frames, Producers

CALL_SECONDS = 10
CHUNK = 65536


@attrs.define
class Network:
    """The way to one server. Clients connect to 127.0.0.1:`port`."""

    target: int
    is_pulsar: bool = False
    port: int = attrs.field(default=0, init=False)
    _loop: asyncio.AbstractEventLoop = attrs.field(factory=asyncio.new_event_loop, init=False)
    _flows: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _is_cut: bool = attrs.field(default=False, init=False)
    _writers: set[asyncio.StreamWriter] = attrs.field(factory=set, init=False)
    _producers: list[Producers] = attrs.field(factory=list, init=False)

    def cut(self) -> None:
        """Break all connections, and each new one as soon as it is made."""
        self._call(self._cut())

    def stall(self) -> None:
        """Let nothing pass any more, while connections stay open: a black hole."""
        self._call(self._stall())

    def resume(self) -> None:
        """Let everything pass again, what was held back included."""
        self._call(self._resume())

    def forget_producers(self, topic: str) -> None:
        """Let nothing pass that the producers of now send to a topic; those that are made later are not affected."""
        self._call(self._forget_producers(topic))

    def _call(self, change: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(change, self._loop).result(CALL_SECONDS)

    async def _cut(self) -> None:
        self._is_cut = True
        self._flows.set()
        for writer in self._writers:
            writer.transport.abort()

    async def _stall(self) -> None:
        self._flows.clear()

    async def _resume(self) -> None:
        self._is_cut = False
        self._flows.set()

    async def _forget_producers(self, topic: str) -> None:
        for producers in self._producers:
            producers.forget(topic)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(OSError):
            await self._flows.wait()
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
            there = self._pass_frames_on if self.is_pulsar else self._pass_on
            await asyncio.gather(there(reader, server_writer), self._pass_on(server_reader, writer))
        writer.transport.abort()

    async def _pass_frames_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames, producers = Frames(), Producers()
        self._producers.append(producers)
        await self._pass_on(
            reader, writer, lambda data: b"".join(frame for frame in frames.feed(data) if producers.passes(frame))
        )

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        passing: Callable[[bytes], bytes] = lambda data: data,
    ) -> None:
        self._writers.add(writer)
        try:
            while data := await reader.read(CHUNK):
                await self._flows.wait()
                writer.write(passing(data))
                await writer.drain()
        finally:
            writer.transport.abort()
            self._writers.discard(writer)

    async def _serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._flows.set()
        return server


@contextmanager
def network_to(target: int, *, is_pulsar: bool = False) -> Iterator[Network]:
    """A network before the server at 127.0.0.1:`target`, maybe a broker; everything passes at first."""
    network = Network(target, is_pulsar)
    loop = network._loop
    thread = threading.Thread(target=loop.run_forever, name=f"network to {target}", daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(network._serve(), loop).result(CALL_SECONDS)
    try:
        yield network
    finally:
        network.cut()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CALL_SECONDS)
