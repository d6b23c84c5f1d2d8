"""The storage whose packages all workers share."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pulsemill.errors import MetadataWriteError, PackageError, PulsemillError
from pulsemill.names import FunctionName
from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.objects import SWEEP_AGE_SECONDS, ObjectPackageStorage, age_of, new_key
from pulsemill.packages.storage import PackageOwner
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from pulsemill_instance.proto.Function_pb2 import PackageLocationMetaData

OWNER = PackageOwner(FunctionName("t", "n", "f"), 0)
MakeUpload = Callable[..., Awaitable[Upload]]


def used(_: str) -> bool:
    return True


def unused(_: str) -> bool:
    return False


@pytest.fixture
def storage(objects: Any, store: PackageStore) -> ObjectPackageStorage:
    return ObjectPackageStorage(objects, store)


async def kept(storage: ObjectPackageStorage, upload: Upload) -> str:
    async with storage.hold(upload, OWNER, used) as path:
        return path


async def test_another_worker_reads_what_one_stored(storage: Any, store: PackageStore, upload: MakeUpload) -> None:
    path = await kept(storage, await upload(b"content", "x y.py"))
    assert path.startswith("t/n/f/")
    assert path.endswith("-x%20y.py")
    read = store.begin()
    await storage.load(path, read)
    assert await read.read() == b"content"
    await read.discard()


async def test_equal_packages_are_objects_of_their_own(storage: Any, objects: Any, upload: MakeUpload) -> None:
    first, second = [await kept(storage, await upload(b"content")) for _ in range(2)]
    await storage.delete_unused(PackageLocationMetaData(packagePath=first), lambda key: key in second)
    assert list(objects.contents.values()) == [b"content"]
    assert next(iter(objects.contents)) in second


async def test_a_used_package_is_not_deleted(storage: Any, objects: Any, upload: MakeUpload) -> None:
    path = await kept(storage, await upload(b"content"))
    await storage.delete_unused(PackageLocationMetaData(packagePath=path), lambda key: key in path)
    assert objects.contents


@pytest.mark.parametrize(
    ("error", "stays"),
    [
        (PulsemillError("refused"), False),
        (MetadataWriteError("no answer"), True),
        (OSError("unforeseen"), True),
    ],
)
async def test_what_stays_when_the_metadata_is_not_written(
    storage: Any, objects: Any, upload: MakeUpload, error: Exception, stays: bool
) -> None:
    with pytest.raises(type(error)):
        async with storage.hold(await upload(b"content"), OWNER, unused):
            raise error
    assert bool(objects.contents) is stays


async def test_a_package_that_cannot_be_stored_leaves_nothing_once_the_place_is_back(
    storage: Any, objects: Any, upload: MakeUpload, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(key: str, _: Any) -> None:
        objects.contents[key] = b"half"
        raise PackageStorageError("the broker died")

    monkeypatch.setattr(type(objects), "put", lambda _, key, file: fail(key, file))
    with pytest.raises(PackageStorageError, match="the broker died"):
        async with storage.hold(await upload(b"content"), OWNER, used):
            pytest.fail("there is nothing to hold")
    assert objects.contents == {}


async def test_paths_of_others_are_not_here(storage: Any, store: PackageStore) -> None:
    for path in ("t/n/f/0a1b-x.py", "t/n/f/" + "0" * 64 + "-x.py", ""):
        with pytest.raises(PackageMissingError, match="not in memory"):
            await storage.load(path, store.begin())


async def test_sweep_deletes_what_is_old_and_unused(storage: Any, objects: Any) -> None:
    now = time.time()
    old, young, used_one = new_key(now - SWEEP_AGE_SECONDS - 60), new_key(now), new_key(now - SWEEP_AGE_SECONDS - 60)
    objects.contents = dict.fromkeys([old, young, used_one, "README.md"], b"")
    assert await storage.sweep(lambda key: key == used_one) == 1
    assert set(objects.contents) == {young, used_one, "README.md"}


async def test_a_place_that_is_down_neither_stops_a_start_nor_a_delete(
    storage: Any, objects: Any, upload: MakeUpload, caplog: pytest.LogCaptureFixture
) -> None:
    path = await kept(storage, await upload(b"content"))
    objects.is_down = True
    await storage.delete_unused(PackageLocationMetaData(packagePath=path), unused)
    assert await storage.sweep(unused) == 0
    assert caplog.text.count("the memory is gone") == 2
    with pytest.raises(PackageError, match="the memory is gone"):
        async with storage.hold(await upload(b"content"), OWNER, used):
            pass


def test_keys_are_unique_and_know_their_time() -> None:
    assert len({new_key(5.0) for _ in range(100)}) == 100
    assert len(new_key(time.time())) == 32
    assert age_of(new_key(1_700_000_000.0), 1_700_000_010.0) == pytest.approx(10)
