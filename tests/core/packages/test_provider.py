"""Bringing packages to instances."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PackageError
from pulsemill.functions.identifiers import InvalidNameError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.packages.builtins import BuiltinArchives, Builtins
from pulsemill.packages.fetch import PackageFetcher
from pulsemill.packages.filenames import package_path
from pulsemill.packages.local import LocalPackageStorage
from pulsemill.packages.objects import ObjectPackageStorage
from pulsemill.packages.provider import PackageProvider
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.service import PackagesService
from pulsemill.packages.storage import PackageOwner
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from pulsemill.packages.urls import PackageUrls
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

NAME = FunctionName("t", "n", "f")
PYTHON, GO = FunctionDetails.Runtime.PYTHON, FunctionDetails.Runtime.GO
MakeUpload = Callable[..., Awaitable[Upload]]


def metadata(path: str, original: str = "", runtime: FunctionDetails.Runtime = PYTHON) -> FunctionMetaData:
    details = FunctionDetails(tenant="t", namespace="n", name="f", className="module.Class", runtime=runtime)
    location = {"packagePath": path, "originalFileName": original}
    return FunctionMetaData(functionDetails=details, packageLocation=location)


@pytest.fixture
def provider(store: PackageStore, tmp_path: Path, make_zip: Callable[..., bytes]) -> PackageProvider:
    config = WorkerConfig(additional_enabled_functions_url_patterns=("http://good.example/.*",))
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=make_zip("module.py")))
    fetcher = PackageFetcher(PackageUrls.for_functions(config), 5, transport)
    reader = PackageReader(store, fetcher, LocalPackageStorage(store))
    return PackageProvider(store, reader, tmp_path / "download")


async def stored(store: PackageStore, upload: MakeUpload, content: bytes, name: str) -> str:
    async with store.hold(await upload(content, name), lambda _: True) as digest:
        return package_path(NAME, digest, name)


async def test_an_upload(provider: PackageProvider, store: PackageStore, upload: MakeUpload) -> None:
    path = await stored(store, upload, b"code", "mine.py")
    package = await provider.fetch(metadata(path, "mine.py"), 3)
    assert package.code == provider.directory / "t/n/f/3/mine.py"
    assert package.code is not None
    assert package.code.read_bytes() == b"code"
    assert (package.original_name, package.location) == ("mine.py", path)


async def test_a_second_fetch_starts_afresh(provider: PackageProvider, store: PackageStore, upload: MakeUpload) -> None:
    path = await stored(store, upload, b"code", "mine.py")
    first = (await provider.fetch(metadata(path, "mine.py"), 0)).code
    assert first is not None
    first.write_bytes(b"changed by user code")
    (first.parent / "left over").touch()
    second = (await provider.fetch(metadata(path, "mine.py"), 0)).code
    assert second is not None
    assert second.read_bytes() == b"code"
    assert [each.name for each in second.parent.iterdir()] == ["mine.py"]


async def test_a_url_keeps_the_name_of_an_archive(provider: PackageProvider) -> None:
    package = await provider.fetch(metadata("http://good.example/lib.zip"), 0)
    assert package.code is not None
    assert package.code.name == package.original_name == "lib.zip"


async def test_go_programs_can_be_run(provider: PackageProvider, store: PackageStore, upload: MakeUpload) -> None:
    path = await stored(store, upload, b"elf", "prog")
    package = await provider.fetch(metadata(path, "prog", GO), 0)
    assert package.code is not None
    assert os.access(package.code, os.X_OK)


async def test_hostile_original_names_stay_in_the_folder(
    provider: PackageProvider, store: PackageStore, upload: MakeUpload
) -> None:
    path = await stored(store, upload, b"code", "x")
    package = await provider.fetch(metadata(path, "../../../evil.py"), 0)
    assert package.code == provider.directory / "t/n/f/0/evil.py"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("builtin://echo", "builtin://echo is not available"),
        ("function://t/n/f@0", "Function Package management service is disabled"),
        ("t/n/f/0a1b2c3d-x.py", "not in this worker's store"),
        ("t/n/f/" + "0" * 64 + "-x.py", "not in this worker's store"),
        ("http://evil.example/x.py", "url is not valid"),
        ("file:///etc/passwd", "url is not valid"),
        ("", "not in this worker's store"),
    ],
)
async def test_what_cannot_be_provided(provider: PackageProvider, path: str, reason: str) -> None:
    with pytest.raises(PackageError, match=reason):
        await provider.fetch(metadata(path), 0)
    assert not (provider.directory / "t/n/f").exists()


async def test_discard(provider: PackageProvider, store: PackageStore, upload: MakeUpload) -> None:
    path = await stored(store, upload, b"code", "x.py")
    await provider.fetch(metadata(path, "x.py"), 0)
    await provider.fetch(metadata(path, "x.py"), 1)
    await provider.discard(InstanceName(NAME, 0))
    assert [each.name for each in (provider.directory / "t/n/f").iterdir()] == ["1"]
    await provider.discard(InstanceName(NAME, 1))
    await provider.discard(InstanceName(NAME, 1))
    assert not (provider.directory / "t/n/f").exists()


@pytest.fixture
def sharing(store: PackageStore, provider: PackageProvider, objects: Any) -> PackageProvider:
    """A provider beside a storage that all workers share."""
    reader = PackageReader(store, provider.reader.fetcher, ObjectPackageStorage(objects, store))
    return PackageProvider(store, reader, provider.directory)


async def shared(sharing: PackageProvider, upload: MakeUpload, name: FunctionName = NAME) -> FunctionMetaData:
    owner = PackageOwner(name, 0)
    async with sharing.reader.storage.hold(await upload(b"code", "mine.py"), owner, lambda _: True) as path:
        return metadata(path, "mine.py")


async def test_instances_of_one_worker_read_a_shared_package_once(
    sharing: PackageProvider, objects: Any, upload: MakeUpload
) -> None:
    function = await shared(sharing, upload)
    packages = await asyncio.gather(*(sharing.fetch(function, instance) for instance in range(5)))
    assert objects.reads == 1
    assert {package.code.read_bytes() for package in packages if package.code} == {b"code"}


async def test_the_copy_goes_with_the_last_instance(sharing: PackageProvider, objects: Any, upload: MakeUpload) -> None:
    first, second = await shared(sharing, upload), await shared(sharing, upload)
    second.functionDetails.name = "g"
    for function in (first, second):
        await sharing.fetch(function, 0)
    blobs = sharing.store.directory / "blobs"
    assert len([*blobs.glob("*/*")]) == 1
    await sharing.discard(InstanceName(NAME, 0))
    assert len([*blobs.glob("*/*")]) == 1
    await sharing.discard(InstanceName(FunctionName("t", "n", "g"), 0))
    assert [*blobs.glob("*/*")] == []
    await sharing.fetch(first, 0)
    assert objects.reads == 2


async def test_a_missing_shared_package_leaves_nothing(
    sharing: PackageProvider, objects: Any, upload: MakeUpload
) -> None:
    function = await shared(sharing, upload)
    objects.contents.clear()
    with pytest.raises(PackageError, match="is not in memory"):
        await sharing.fetch(function, 0)
    assert not (sharing.directory / "t/n/f").exists()
    assert [*sharing.store.directory.glob("blobs/*/*")] == []


@pytest.mark.parametrize(("archive", "expected"), [(True, "module.zip"), (False, "module.py")])
async def test_a_managed_archive_is_called_one(
    provider: PackageProvider, packages_service: Any, make_zip: Callable[..., bytes], archive: bool, expected: str
) -> None:
    packages_service.packages["function://t/n/f@v1"] = make_zip("module.py") if archive else b"code"
    service = PackagesService("http://broker:8080", transport=httpx2.MockTransport(packages_service))
    reader = attrs.evolve(provider.reader, service=service)
    package = await attrs.evolve(provider, reader=reader).fetch(metadata("function://t/n/f@v1"), 0)
    assert package.code is not None
    assert package.code.name == expected


async def test_names_that_would_leave_the_directory_are_refused(provider: PackageProvider) -> None:
    with pytest.raises(InvalidNameError):
        await provider.discard(InstanceName(FunctionName("t", "..", ".."), 0))


async def test_builtin_archives_stay_where_they_are(provider: PackageProvider, tmp_path: Path, java: Any) -> None:
    builtins = Builtins(BuiltinArchives(tmp_path / "connectors"), BuiltinArchives(tmp_path / "functions"))
    for archives, content in ((builtins.connectors, java.connector()), (builtins.functions, java.nar("name: acme"))):
        archives.directory.mkdir()
        (archives.directory / "acme.nar").write_bytes(content)
    builtins.load()
    sink = metadata("builtin://acme", runtime=FunctionDetails.Runtime.JAVA)
    sink.functionDetails.componentType = FunctionDetails.ComponentType.SINK
    sink.transformFunctionPackageLocation.packagePath = "builtin://acme"
    package = await attrs.evolve(provider, builtins=builtins).fetch(sink, 0)
    assert package.code == builtins.connectors.directory / "acme.nar"
    assert package.transform == builtins.functions.directory / "acme.nar"
    (builtins.connectors.directory / "acme.nar").unlink()
    builtins.load()
    with pytest.raises(PackageError, match="builtin://acme is not among the NAR files"):
        await attrs.evolve(provider, builtins=builtins).fetch(sink, 0)


async def test_a_transform_function_from_a_url(provider: PackageProvider) -> None:
    sink = metadata("http://good.example/sink.zip", runtime=FunctionDetails.Runtime.JAVA)
    sink.transformFunctionPackageLocation.packagePath = "http://good.example/sink.zip"
    package = await provider.fetch(sink, 0)
    assert package.transform is not None
    assert package.transform.parent == provider.folder(InstanceName(NAME, 0)) / "transform"
    assert package.transform.is_file()
