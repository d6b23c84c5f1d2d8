"""Packages in what fsspec knows."""

import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pulsemill.errors import ConfigurationError
from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.filesystem import FilePackageObjects
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload

KEY = "01" * 16
MakeUpload = Callable[..., Awaitable[Upload]]


@pytest.fixture(params=["file", "memory"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> FilePackageObjects:
    root = f"file://{tmp_path}/shared" if request.param == "file" else f"memory://{uuid.uuid4().hex}"
    return FilePackageObjects.at(root, "cluster", "public")


async def content(objects: FilePackageObjects, store: PackageStore, key: str = KEY) -> bytes:
    upload = store.begin()
    try:
        await objects.get(key, upload)
        return await upload.read()
    finally:
        await upload.discard()


async def test_an_objects_life(objects: FilePackageObjects, store: PackageStore, upload: MakeUpload) -> None:
    assert list(await objects.keys()) == []
    await objects.put(KEY, (await upload(b"content")).file)
    assert list(await objects.keys()) == [KEY]
    assert await content(objects, store) == b"content"
    for _ in range(2):
        await objects.delete(KEY)
    assert list(await objects.keys()) == []
    with pytest.raises(PackageMissingError):
        await content(objects, store)


async def test_the_folders_are_below_the_url(tmp_path: Path, upload: MakeUpload) -> None:
    await FilePackageObjects.at(f"file://{tmp_path}/shared/", "cluster").put(KEY, (await upload(b"content")).file)
    assert (tmp_path / "shared" / "cluster" / KEY).read_bytes() == b"content"


async def test_a_place_that_takes_nothing(tmp_path: Path, upload: MakeUpload) -> None:
    (tmp_path / "shared").touch()
    objects = FilePackageObjects.at(f"file://{tmp_path}/shared", "cluster")
    with pytest.raises(PackageStorageError, match=r"The package storage file://.*/shared fails"):
        await objects.put(KEY, (await upload(b"content")).file)


@pytest.mark.parametrize("url", ["nosuch://me:hidden@bucket/x?token=hidden", "s4://bucket"])
def test_an_unknown_scheme_is_a_mistake_of_the_configuration(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"pulsemill\.packageStorageUrl: ") as raised:
        FilePackageObjects.at(url)
    assert "hidden" not in str(raised.value)
