"""Stores, archives and fetchers for the tests of packages."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Callable, Collection
from email import message_from_bytes
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload


@attrs.define
class FakeObjects:
    """Objects in memory, which can be made to fail."""

    place: str = "memory"
    contents: dict[str, bytes] = attrs.field(factory=dict)
    is_down: bool = False
    reads: int = 0

    async def put(self, key: str, file: Path) -> None:
        self.contents[key] = b"half"
        self._check()
        self.contents[key] = await asyncio.to_thread(file.read_bytes)

    async def get(self, key: str, into: Upload) -> None:
        self._check()
        if key not in self.contents:
            raise PackageMissingError(key, self.place)
        self.reads += 1
        await into.write(self.contents[key])

    async def delete(self, key: str) -> None:
        self._check()
        self.contents.pop(key, None)

    async def keys(self) -> Collection[str]:
        self._check()
        return list(self.contents)

    def _check(self) -> None:
        if self.is_down:
            raise PackageStorageError("the memory is gone")


@attrs.define
class FakePackagesService:
    """The broker's packages service behind a transport, with its conflicts and its lists of deleted versions."""

    packages: dict[str, bytes] = attrs.field(factory=dict)
    metadata: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    listed: dict[str, list[str]] = attrs.field(factory=dict)
    requests: list[httpx2.Request] = attrs.field(factory=list)
    failure: int = 0

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        body = await request.aread()
        if self.failure:
            return httpx2.Response(self.failure, json={"reason": "Package Management Service is not enabled"})
        match = re.fullmatch(r"/admin/v3/packages/(\w+)/(.+?)/(.+?)/([^/]+)(?:/([^/]+))?", request.url.path)
        assert match
        kind, tenant, namespace, name, version = match.groups()
        package = f"{kind}://{tenant}/{namespace}/{name}"
        if version is None:
            return httpx2.Response(200, json=self.listed.get(package, []))
        return self._one(request, package, version, body)

    def _one(self, request: httpx2.Request, package: str, version: str, body: bytes) -> httpx2.Response:
        full = f"{package}@{version}"
        if request.method == "POST":
            if full in self.packages:
                return httpx2.Response(409, json={"reason": "exists"})
            form = message_from_bytes(f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode() + body)
            metadata, file = (part.get_payload(decode=True) for part in form.get_payload())  # type: ignore[union-attr]
            self.metadata[full], self.packages[full] = json.loads(metadata), file  # type: ignore[arg-type,assignment]
            self.listed.setdefault(package, []).append(version)
            return httpx2.Response(204)
        if full not in self.packages:
            return httpx2.Response(404, json={"reason": "does not exist"})
        if request.method == "DELETE":
            del self.packages[full]
            return httpx2.Response(204)
        return httpx2.Response(200, content=self.packages[full])


@pytest.fixture
def objects() -> FakeObjects:
    return FakeObjects()


@pytest.fixture
def packages_service() -> FakePackagesService:
    return FakePackagesService()


@pytest.fixture
def store(tmp_path: Path) -> PackageStore:
    return PackageStore(tmp_path / "packages", max_bytes=10_000)


@pytest.fixture
def make_zip() -> Callable[..., bytes]:
    """A zip archive with entries of given names."""

    def make(*names: str | zipfile.ZipInfo) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, "content")
        return file.getvalue()

    return make


@pytest.fixture
def upload(store: PackageStore) -> Callable[..., object]:
    """A finished upload of some bytes."""

    async def make(content: bytes, name: str = "x.py") -> Upload:
        begun = store.begin(name)
        await begun.write(content)
        await begun.finish()
        return begun

    return make
