"""Reads packages from allowed URLs, within a size limit and bounded times."""

import asyncio
import stat
from pathlib import Path
from urllib.parse import urljoin

import attrs
import httpx2

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PackageError
from pulsemill.packages.locations import shown_location
from pulsemill.packages.upload import Upload
from pulsemill.packages.urls import PackageUrl, PackageUrls

MAX_REDIRECTS = 5

_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
_CHUNK_BYTES = 2**20


@attrs.frozen
class PackageFetcher:
    """Brings the file behind a URL into an upload. `transport` replaces the network in tests."""

    urls: PackageUrls
    timeout_seconds: float
    transport: httpx2.AsyncBaseTransport | None = None

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "PackageFetcher":
        """A fetcher with the allow-lists and pulsemill.packageDownloadTimeoutSeconds."""
        return cls(PackageUrls.for_all(config), config.pulsemill.package_download_timeout_seconds)

    async def fetch(self, url: str, upload: Upload) -> None:
        """Write what the URL holds; raises PackageUrlRefusedError, PackageTooLargeError or PackageError."""
        allowed = self.urls.check(url)
        if allowed.file is not None:
            await _copy(allowed.file, upload)
            return
        try:
            async with asyncio.timeout(self.timeout_seconds):
                await self._download(allowed, upload)
        except TimeoutError as error:
            raise _failed(allowed, f"not done after {self.timeout_seconds:g} s") from error
        except httpx2.HTTPError as error:
            raise _failed(allowed, str(error) or type(error).__name__) from error

    async def _download(self, source: PackageUrl, upload: Upload) -> None:
        async with httpx2.AsyncClient(transport=self.transport, timeout=_TIMEOUT, follow_redirects=False) as client:
            for _ in range(MAX_REDIRECTS + 1):
                async with client.stream("GET", source.url, auth=source.auth or httpx2.USE_CLIENT_DEFAULT) as response:
                    if not response.is_redirect:
                        await _receive(source, response, upload)
                        return
                    source = self._redirected(source, response.headers["location"])
            raise _failed(source, f"more than {MAX_REDIRECTS} redirects")

    def _redirected(self, source: PackageUrl, location: str) -> PackageUrl:
        target = self.urls.check(urljoin(source.url, location))
        if target.file is not None:
            raise _failed(source, "it redirects to a file")
        return target


async def _receive(source: PackageUrl, response: httpx2.Response, upload: Upload) -> None:
    if not response.is_success:
        raise _failed(source, f"HTTP {response.status_code} {response.reason_phrase}")
    async for chunk in response.aiter_bytes(_CHUNK_BYTES):
        await upload.write(chunk)


async def _copy(file: Path, upload: Upload) -> None:
    try:
        if not stat.S_ISREG((await asyncio.to_thread(file.stat)).st_mode):
            raise PackageError(f"file://{file} is not a regular file")
        with await asyncio.to_thread(file.open, "rb") as reader:
            while chunk := await asyncio.to_thread(reader.read, _CHUNK_BYTES):
                await upload.write(chunk)
    except OSError as error:
        raise _failed(PackageUrl(f"file://{file}"), error.strerror or str(error)) from error


def _failed(source: PackageUrl, why: str) -> PackageError:
    return PackageError(f'Encountered error "{why}" when getting Function package from {shown_location(source.url)}')
