"""Pulsar's packages service, `/admin/v3/packages` of the broker.

Upstream: org.apache.pulsar.broker.admin.v3.Packages and org.apache.pulsar.client.admin.Packages.
"""

import asyncio
import json
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import httpx2

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.names import PackageName
from pulsemill.packages.upload import Upload
from pulsemill.security.broker_client import BrokerClientSecurity

_TIMEOUT: Final = httpx2.Timeout(60.0, connect=10.0)
_CHUNK_BYTES: Final = 2**20


class PackageExistsError(PackageStorageError):
    """A package of this name and version is there already."""


@attrs.frozen
class PackagesService:
    """The service of one broker or of the load balancer before several. `transport` replaces the network in tests."""

    url: str
    headers: Callable[[], Mapping[str, str]] = attrs.field(default=dict, repr=False)
    transport: httpx2.AsyncBaseTransport | None = None
    verify: ssl.SSLContext | bool = True

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "PackagesService":
        """The service at pulsarWebServiceUrl, asked with the worker's credentials."""
        security = BrokerClientSecurity.from_config(config)
        verify = security.verify(config.pulsar_web_service_url)
        return cls(config.pulsar_web_service_url, security.http_headers, verify=verify)

    async def upload(self, name: PackageName, file: Path, metadata: Mapping[str, Any]) -> None:
        """Store a file under a new name; PackageExistsError when the name is taken."""
        boundary = secrets.token_hex(16)
        head, tail = _multipart(boundary, metadata)
        size = len(head) + (await asyncio.to_thread(file.stat)).st_size + len(tail)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(size)}
        async with self._answer("POST", name, content=_body(head, file, tail), headers=headers) as response:
            if response.status_code == httpx2.codes.CONFLICT:
                raise PackageExistsError(f"The package {name} already exists")
            await self._require_success(response, name)

    async def download(self, name: PackageName, into: Upload) -> None:
        """Write a package; PackageMissingError when there is none."""
        async with self._answer("GET", name) as response:
            if response.status_code == httpx2.codes.NOT_FOUND:
                raise PackageMissingError(str(name), "the broker's packages service")
            await self._require_success(response, name)
            async for chunk in response.aiter_bytes(_CHUNK_BYTES):
                await into.write(chunk)

    async def delete(self, name: PackageName) -> None:
        """Delete a package."""
        async with self._answer("DELETE", name) as response:
            if response.status_code != httpx2.codes.NOT_FOUND:
                await self._require_success(response, name)

    async def versions(self, name: PackageName) -> Sequence[str]:
        """The versions of a package, some of which may be deleted already."""
        async with self._answer("GET", name, name.versions_path) as response:
            if response.status_code == httpx2.codes.NOT_FOUND:
                return []
            await self._require_success(response, name)
            return [str(each) for each in json.loads(await response.aread())]

    @asynccontextmanager
    async def _answer(
        self, method: str, name: PackageName, path: str = "", *, headers: Mapping[str, str] | None = None, **body: Any
    ) -> AsyncIterator[httpx2.Response]:
        url = f"{self.url.rstrip('/')}/admin/v3/packages/{path or name.path}"
        try:
            async with (
                httpx2.AsyncClient(
                    transport=self.transport, verify=self.verify, timeout=_TIMEOUT, follow_redirects=not body
                ) as client,
                client.stream(method, url, headers={**self.headers(), **(headers or {})}, **body) as response,
            ):
                yield response
        except (httpx2.HTTPError, ValueError) as error:
            raise self._failed(name, str(error) or type(error).__name__) from error

    async def _require_success(self, response: httpx2.Response, name: PackageName) -> None:
        if not response.is_success:
            await response.aread()
            raise self._failed(name, f"HTTP {response.status_code}, {_reason(response)}")

    def _failed(self, name: PackageName, why: str) -> PackageStorageError:
        return PackageStorageError(
            f"The broker's packages service at {self.url} (pulsarWebServiceUrl) fails for {name}: {why}; it needs "
            "enablePackagesManagement=true on the broker"
        )


def _multipart(boundary: str, metadata: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """What comes before and after a file of the form that the service takes."""
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n'
        f"{json.dumps(metadata)}\r\n"
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="package"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode(), f"\r\n--{boundary}--\r\n".encode()


async def _body(head: bytes, file: Path, tail: bytes) -> AsyncIterator[bytes]:
    yield head
    with await asyncio.to_thread(file.open, "rb") as reader:
        while chunk := await asyncio.to_thread(reader.read, _CHUNK_BYTES):
            yield chunk
    yield tail


def _reason(response: httpx2.Response) -> str:
    try:
        return str(response.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
