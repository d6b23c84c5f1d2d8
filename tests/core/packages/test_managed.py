"""Packages in Pulsar's packages service."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from pulsemill.errors import MetadataWriteError, PulsemillError
from pulsemill.names import FunctionName
from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.managed import ManagedPackageStorage
from pulsemill.packages.service import PackagesService
from pulsemill.packages.storage import PackageOwner
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, PackageLocationMetaData

NAME = FunctionName("t", "n", "f")
MakeUpload = Callable[..., Awaitable[Upload]]


def used(_: str) -> bool:
    return True


def unused(_: str) -> bool:
    return False


@pytest.fixture
def storage(packages_service: Any, store: PackageStore) -> ManagedPackageStorage:
    service = PackagesService(
        "http://broker:8080/", lambda: {"Authorization": "Bearer t"}, httpx2.MockTransport(packages_service)
    )
    return ManagedPackageStorage(service, store)


async def kept(storage: ManagedPackageStorage, upload: Upload, version: int = 0, kind: str = "function") -> str:
    async with storage.hold(upload, PackageOwner(NAME, version, kind), used) as path:
        return path


async def test_a_package_is_named_as_upstream_names_it(
    storage: ManagedPackageStorage, packages_service: Any, store: PackageStore, upload: MakeUpload
) -> None:
    content = bytes(range(256)) * 39
    path = await kept(storage, await upload(content, "x.py"), 3)
    assert path == "function://t/n/f@3"
    assert packages_service.packages == {path: content}
    assert packages_service.metadata[path]["properties"] == {"fileName": "x.py"}
    read = store.begin()
    await storage.load(path, read)
    assert await read.read() == content
    await read.discard()


async def test_requests_carry_the_workers_credentials_and_their_length(
    storage: ManagedPackageStorage, packages_service: Any, upload: MakeUpload
) -> None:
    await kept(storage, await upload(b"content"))
    (request,) = packages_service.requests
    assert request.headers["authorization"] == "Bearer t"
    assert int(request.headers["content-length"]) == len(request.content)


@pytest.mark.parametrize(
    ("component", "kind"), [("FUNCTION", "function"), ("UNKNOWN", "function"), ("SOURCE", "source"), ("SINK", "sink")]
)
def test_kinds(component: str, kind: str) -> None:
    details = FunctionDetails(name="f", componentType=FunctionDetails.ComponentType.Value(component))
    assert PackageOwner.of(FunctionMetaData(functionDetails=details, version=2)).kind == kind


async def test_a_name_that_others_left_taken_is_passed_over(
    storage: ManagedPackageStorage, packages_service: Any, upload: MakeUpload
) -> None:
    packages_service.packages = {"function://t/n/f@0": b"java's", "function://t/n/f@1": b"a user's"}
    packages_service.listed = {"function://t/n/f": ["0", "1", "latest"]}
    assert await kept(storage, await upload(b"content")) == "function://t/n/f@2"
    assert packages_service.packages["function://t/n/f@0"] == b"java's"


async def test_a_deleted_function_can_be_created_again(
    storage: ManagedPackageStorage, packages_service: Any, upload: MakeUpload
) -> None:
    for _ in range(2):
        path = await kept(storage, await upload(b"content", "x.py"))
        assert path == "function://t/n/f@0"
        location = PackageLocationMetaData(packagePath=path, originalFileName="x.py")
        await storage.delete_unused(location, unused)
        assert packages_service.packages == {}


async def test_what_users_stored_themselves_is_not_deleted(
    storage: ManagedPackageStorage, packages_service: Any, upload: MakeUpload
) -> None:
    packages_service.packages = {"function://t/n/f@0": b"a user's"}
    await storage.delete_unused(PackageLocationMetaData(packagePath="function://t/n/f@0"), unused)
    assert packages_service.packages


@pytest.mark.parametrize(("error", "stays"), [(PulsemillError("refused"), False), (MetadataWriteError("?"), True)])
async def test_what_stays_when_the_metadata_is_not_written(
    storage: ManagedPackageStorage, packages_service: Any, upload: MakeUpload, error: Exception, stays: bool
) -> None:
    with pytest.raises(type(error)):
        async with storage.hold(await upload(b"content"), PackageOwner(NAME, 0), unused):
            raise error
    assert bool(packages_service.packages) is stays


async def test_a_service_that_is_switched_off(
    storage: ManagedPackageStorage, packages_service: Any, upload: MakeUpload
) -> None:
    packages_service.failure = 503
    with pytest.raises(PackageStorageError, match=r"HTTP 503, .*not enabled; it needs enablePackagesManagement=true"):
        await kept(storage, await upload(b"content"))


async def test_a_delete_that_fails_is_logged(
    storage: ManagedPackageStorage, packages_service: Any, caplog: pytest.LogCaptureFixture
) -> None:
    packages_service.failure = 500
    location = PackageLocationMetaData(packagePath="function://t/n/f@0", originalFileName="x.py")
    await storage.delete_unused(location, unused)
    assert "the unused package function://t/n/f@0 stays" in caplog.text


async def test_no_broker(store: PackageStore, upload: MakeUpload) -> None:
    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("connection refused")

    service = PackagesService("http://broker:8080", transport=httpx2.MockTransport(refuse))
    with pytest.raises(PackageStorageError, match=r"http://broker:8080 \(pulsarWebServiceUrl\).*connection refused"):
        await kept(ManagedPackageStorage(service, store), await upload(b"content"))


async def test_paths_of_other_storages_are_not_here(storage: ManagedPackageStorage, store: PackageStore) -> None:
    with pytest.raises(PackageMissingError):
        await storage.load("t/n/f/0a1b-x.py", store.begin())
