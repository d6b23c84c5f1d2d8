"""Asking other workers for packages."""

from collections.abc import Sequence

import httpx2
import pytest

from pulsemill.errors import PackageError
from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.peers import FROM_WORKER, PeerPackages
from pulsemill.packages.store import PackageStore

PATH = "t/n/my%20f/0a1b-x%2By.py"


def peers(handler: object, *addresses: str) -> PeerPackages:
    async def known() -> Sequence[str]:
        return addresses or ("http://other:6750",)

    return PeerPackages(known, lambda: {"Authorization": "Bearer t"}, httpx2.MockTransport(handler))  # type: ignore[arg-type]


async def load(asked: PeerPackages, store: PackageStore, path: str = PATH) -> list[bytes | str]:
    results: list[bytes | str] = []
    async for source in asked.sources(path):
        upload = store.begin()
        try:
            await source(upload)
            results.append(await upload.read())
        except PackageError as error:
            results.append(str(error))
        finally:
            await upload.discard()
    return results


async def test_both_routes_are_asked_with_the_workers_credentials(store: PackageStore) -> None:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, content=b"code")

    assert await load(peers(answer), store) == [b"code", b"code"]
    assert asked[0].url.params["path"] == PATH
    assert asked[1].url.raw_path == b"/admin/v3/functions/t/n/my%20f/download"
    assert {(request.headers["authorization"], request.headers[FROM_WORKER]) for request in asked} == {
        ("Bearer t", "1")
    }


async def test_refusals_and_broken_connections_are_told(store: PackageStore) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if "path" in request.url.params:
            return httpx2.Response(403)
        raise httpx2.ConnectError("no route")

    refused, broken = await load(peers(answer), store)
    assert "http://other:6750/admin/v3/functions/download" in str(refused)
    assert "answers HTTP 403" in str(refused)
    assert "fails (no route)" in str(broken)


@pytest.mark.parametrize("path", ["", "x", "t/n/f", "../n/f/x", "t/./f/x", "t/n/%2e%2e/x", "t//f/x", "t/n/f/x/y"])
async def test_paths_that_are_none_of_a_worker_are_not_asked_for(store: PackageStore, path: str) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        pytest.fail("asked")

    assert await load(peers(answer), store, path) == []


async def test_a_missing_package_says_so(store: PackageStore) -> None:
    async for source in peers(lambda _: httpx2.Response(404)).sources(PATH):
        with pytest.raises(PackageMissingError, match="register the function again"):
            await source(store.begin())
