"""Packages that only other workers can read: those on another worker's disk, or in a Java worker's DistributedLog.

Every worker serves what it can read at GET /admin/v3/functions/download?path=...; a Java worker with authentication on
lets only super-users do so, but serves a function's code by the function's name too.
"""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote

import attrs
import httpx2

from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.upload import Upload

FROM_WORKER: Final = "X-Pulsemill-Worker"
"""A header of workers' questions: who is asked so does not ask others in turn."""

_FUNCTIONS = "/admin/v3/functions"
_TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
_CHUNK_BYTES = 2**20
_PARTS = 4

Load = Callable[[Upload], Awaitable[None]]
"""Writes a package into an upload, or raises a PackageError."""


@attrs.frozen
class PeerPackages:
    """The other workers. `addresses` gives their base URLs, `transport` replaces the network in tests."""

    addresses: Callable[[], Awaitable[Sequence[str]]]
    headers: Callable[[], Mapping[str, str]] = attrs.field(default=dict, repr=False)
    transport: httpx2.AsyncBaseTransport | None = None
    verify: ssl.SSLContext | bool = True

    async def sources(self, path: str) -> AsyncIterator[Load]:
        """Each way to ask each worker for the package at a path."""
        for address in await self.addresses():
            for route in _routes(path):
                yield self._source(f"{address}{route}", path)

    def _source(self, url: str, path: str) -> Load:
        async def load(into: Upload) -> None:
            try:
                await self._download(url, path, into)
            except httpx2.HTTPError as error:
                raise PackageMissingError(path, f"reach: {url} fails ({str(error) or type(error).__name__})") from error

        return load

    async def _download(self, url: str, path: str, into: Upload) -> None:
        headers = {**self.headers(), FROM_WORKER: "1"}
        async with (
            httpx2.AsyncClient(transport=self.transport, verify=self.verify, timeout=_TIMEOUT) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            if response.status_code != httpx2.codes.OK:
                raise PackageMissingError(path, f"reach: {url} answers HTTP {response.status_code}")
            async for chunk in response.aiter_bytes(_CHUNK_BYTES):
                await into.write(chunk)


def _routes(path: str) -> Sequence[str]:
    """The routes that serve `tenant/namespace/name/file`; none for what is no such path."""
    parts = [unquote(part) for part in path.split("/")]
    if len(parts) != _PARTS or {"", ".", ".."} & set(parts):
        return ()
    function = "/".join(quote(part, safe="") for part in parts[:-1])
    return f"{_FUNCTIONS}/download?path={quote(path, safe='')}", f"{_FUNCTIONS}/{function}/download"
