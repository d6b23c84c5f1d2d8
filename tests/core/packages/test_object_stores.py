"""Packages in S3 and in Google Cloud Storage, on servers that speak their protocols."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.filesystem import FilePackageObjects
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from tests.rig.object_stores import BUCKET, S3, Gcs, ObjectStore

pytestmark = pytest.mark.slow

KEY = "02" * 16
MakeUpload = Callable[..., Awaitable[Upload]]


@pytest.fixture(params=["s3", "gcs"])
def store_server(request: pytest.FixtureRequest, environ: Callable[[Mapping[str, str]], None]) -> ObjectStore:
    server: S3 | Gcs = request.getfixturevalue(f"{request.param}_server")
    environ(server.environ)
    return server


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Sets variables, for drivers that read them anew."""

    def forget() -> None:
        for scheme in ("s3", "gs"):
            fsspec.get_filesystem_class(scheme).clear_instance_cache()

    def put(variables: Mapping[str, str]) -> None:
        forget()
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    yield put
    forget()


async def content(objects: FilePackageObjects, store: PackageStore, key: str) -> bytes:
    upload = store.begin()
    try:
        await objects.get(key, upload)
        return await upload.read()
    finally:
        await upload.discard()


def at(server: ObjectStore, folder: str, bucket: str = BUCKET) -> FilePackageObjects:
    return FilePackageObjects.at(f"{server.scheme}://{bucket}/{folder}", "cluster")


async def test_an_objects_life(store_server: ObjectStore, store: PackageStore, upload: MakeUpload) -> None:
    objects = at(store_server, "life")
    assert list(await objects.keys()) == []
    await objects.put(KEY, (await upload(b"content")).file)
    assert list(await objects.keys()) == [KEY]
    assert f"life/cluster/{KEY}" in store_server.names()
    assert await content(objects, store, KEY) == b"content"
    for _ in range(2):
        await objects.delete(KEY)
    assert list(await objects.keys()) == []
    with pytest.raises(PackageMissingError):
        await content(objects, store, KEY)


async def test_what_other_workers_store_after_a_look_is_found(
    store_server: ObjectStore, store: PackageStore, upload: MakeUpload
) -> None:
    objects = at(store_server, "others")
    await objects.put(KEY, (await upload(b"ours")).file)
    assert list(await objects.keys()) == [KEY]
    store_server.put(f"others/cluster/{'03' * 16}", b"theirs")
    assert await content(objects, store, "03" * 16) == b"theirs"
    assert len(await objects.keys()) == 2


async def test_a_large_package(store_server: ObjectStore, tmp_path: Path) -> None:
    store, large = PackageStore(tmp_path / "large", 2**24), bytes(range(256)) * 2**15
    begun = store.begin()
    await begun.write(large)
    await begun.finish()
    await at(store_server, "large").put(KEY, begun.file)
    await begun.discard()
    assert await content(at(store_server, "large"), store, KEY) == large


async def test_a_misspelt_bucket_is_reported_and_not_made(store_server: ObjectStore, upload: MakeUpload) -> None:
    objects = at(store_server, "x", bucket="misspelt")
    for attempt in (objects.keys(), objects.put(KEY, (await upload(b"content")).file)):
        with pytest.raises(PackageStorageError, match=r"The package storage (s3|gs)://misspelt/x fails: not found"):
            await attempt
    assert store_server.buckets() == [BUCKET]


@pytest.mark.parametrize("who", ["without rights", "unknown"])
async def test_credentials_that_do_not_suffice(
    who: str, s3_server: S3, environ: Any, upload: MakeUpload, store: PackageStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    unknown = {**s3_server.poor, "AWS_ACCESS_KEY_ID": "AKIANOBODY"}
    environ(s3_server.poor if who == "without rights" else unknown)
    objects = at(s3_server, "refused")
    attempts = objects.keys(), objects.put(KEY, (await upload(b"x")).file), content(objects, store, KEY)
    for attempt in (*attempts, objects.delete(KEY)):
        with pytest.raises(
            PackageStorageError, match=rf"s3://{BUCKET}/refused fails: .*; check that .*may list"
        ) as raised:
            await attempt
        assert s3_server.poor["AWS_SECRET_ACCESS_KEY"] not in str(raised.value)
    assert s3_server.poor["AWS_SECRET_ACCESS_KEY"] not in caplog.text
