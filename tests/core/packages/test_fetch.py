"""Reading packages from URLs."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import pytest

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PackageError
from pulsemill.packages.errors import PackageTooLargeError, PackageUrlRefusedError
from pulsemill.packages.fetch import PackageFetcher
from pulsemill.packages.store import PackageStore
from pulsemill.packages.urls import PackageUrls

Handler = Callable[[httpx2.Request], httpx2.Response]


def fetcher(handler: Handler, *, pattern: str = "http://good.example/.*", timeout: float = 5) -> PackageFetcher:
    config = WorkerConfig(additional_enabled_functions_url_patterns=(pattern,))
    return PackageFetcher(PackageUrls.for_functions(config), timeout, httpx2.MockTransport(handler))


async def fetch(store: PackageStore, using: PackageFetcher, url: str) -> bytes:
    upload = store.begin("x.py")
    try:
        await using.fetch(url, upload)
        return await upload.read()
    finally:
        await upload.discard()


async def test_download(store: PackageStore) -> None:
    using = fetcher(lambda _: httpx2.Response(200, content=b"code"))
    assert await fetch(store, using, "http://good.example/x.py") == b"code"


async def test_user_info_is_sent_as_basic_auth_and_shown_as_little_as_a_signature(store: PackageStore) -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(403)

    with pytest.raises(PackageError) as error:
        await fetch(store, fetcher(handler), "http://me:hidden@good.example/x.py?signature=hidden")
    assert seen[0].headers["authorization"] == "Basic bWU6aGlkZGVu"
    assert str(error.value) == (
        'Encountered error "HTTP 403 Forbidden" when getting Function package from http://good.example/x.py'
    )


async def test_redirects_are_checked_one_by_one(store: PackageStore) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        hops = {
            "/a": "/b",
            "/b": "http://good.example/c",
            "/evil": "http://evil.example/x",
            "/file": "file:///etc/passwd",
        }
        hop = hops.get(request.url.path)
        return httpx2.Response(302, headers={"location": hop}) if hop else httpx2.Response(200, content=b"code")

    using = fetcher(handler)
    assert await fetch(store, using, "http://good.example/a") == b"code"
    for path in ("evil", "file"):
        with pytest.raises(PackageUrlRefusedError):
            await fetch(store, using, f"http://good.example/{path}")


async def test_a_redirect_to_an_allowed_file_is_refused(store: PackageStore) -> None:
    def handler(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"location": "file:///etc/passwd"})

    with pytest.raises(PackageError, match="it redirects to a file"):
        await fetch(store, fetcher(handler, pattern=".*"), "http://good.example/x")


async def test_credentials_do_not_follow_a_redirect(store: PackageStore) -> None:
    seen: list[str | None] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("authorization"))
        to_other = {"location": "http://other.example/x"}
        return httpx2.Response(302, headers=to_other) if len(seen) == 1 else httpx2.Response(200, content=b"x")

    await fetch(store, fetcher(handler, pattern=".*"), "http://me:hidden@good.example/x")
    assert seen[0] is not None
    assert seen[1] is None


async def test_endless_redirects(store: PackageStore) -> None:
    using = fetcher(lambda _: httpx2.Response(302, headers={"location": "/again"}))
    with pytest.raises(PackageError, match="more than 5 redirects"):
        await fetch(store, using, "http://good.example/x")


async def test_too_large(store: PackageStore) -> None:
    using = fetcher(lambda _: httpx2.Response(200, content=b"x" * 10_001))
    with pytest.raises(PackageTooLargeError):
        await fetch(store, using, "http://good.example/x")


async def test_a_server_that_trickles_is_given_up(store: PackageStore) -> None:
    class Endless(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            await asyncio.Event().wait()
            yield b""

    using = fetcher(lambda _: httpx2.Response(200, stream=Endless()), timeout=0.01)
    with pytest.raises(PackageError, match=r"not done after 0\.01 s"):
        await fetch(store, using, "http://good.example/x")


async def test_a_server_that_is_not_there(store: PackageStore) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(
        PackageError, match='Encountered error "refused" when getting Function package from http://good'
    ):
        await fetch(store, fetcher(handler), "http://good.example/x")


async def test_files(store: PackageStore, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"code")
    os.mkfifo(tmp_path / "pipe")
    using = fetcher(lambda _: httpx2.Response(500), pattern="file://.*")
    assert await fetch(store, using, f"file://{tmp_path}/x.py") == b"code"
    with pytest.raises(PackageError, match="No such file"):
        await fetch(store, using, f"file://{tmp_path}/missing.py")
    for other in ("pipe", ""):
        with pytest.raises(PackageError, match="is not a regular file"):
            await fetch(store, using, f"file://{tmp_path}/{other}")
