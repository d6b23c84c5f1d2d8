"""The content-addressed store."""

import asyncio
import errno
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pulsemill.errors import ConfigurationError, PackageError, PulsemillError
from pulsemill.packages.errors import PackageMissingError, PackageStorageError, PackageTooLargeError
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload

MakeUpload = Callable[..., Awaitable[Upload]]

DIGEST = hashlib.sha256(b"content").hexdigest()


def used(_: str) -> bool:
    return True


def unused(_: str) -> bool:
    return False


def files(store: PackageStore) -> list[str]:
    return sorted(str(path.relative_to(store.directory)) for path in store.directory.rglob("*") if path.is_file())


async def test_a_package_is_stored_under_its_digest(store: PackageStore, upload: MakeUpload) -> None:
    async with store.hold(await upload(b"content"), used) as digest:
        assert digest == DIGEST
    assert files(store) == [f"blobs/{DIGEST[:2]}/{DIGEST}"]
    assert store.path(DIGEST).read_bytes() == b"content"


async def test_the_same_content_is_stored_once(store: PackageStore, upload: MakeUpload) -> None:
    for _ in range(2):
        async with store.hold(await upload(b"content"), used):
            pass
    assert len(files(store)) == 1


async def test_what_nothing_uses_is_gone_after_the_hold(store: PackageStore, upload: MakeUpload) -> None:
    async with store.hold(await upload(b"content"), unused):
        assert store.path(DIGEST).exists()
    assert files(store) == []


async def test_a_refusal_drops_and_a_crash_keeps(store: PackageStore, upload: MakeUpload) -> None:
    with pytest.raises(PulsemillError):
        async with store.hold(await upload(b"content"), unused):
            raise PulsemillError("refused")
    assert files(store) == []
    with pytest.raises(OSError, match="unknown"):
        async with store.hold(await upload(b"content"), unused):
            raise OSError("unknown whether the metadata was written")
    assert len(files(store)) == 1


async def test_a_held_package_is_not_deleted_by_others(store: PackageStore, upload: MakeUpload) -> None:
    async with store.hold(await upload(b"content"), used):
        assert not await store.delete_unused(DIGEST, unused)
        async with store.hold(await upload(b"content"), unused):
            pass
        assert store.path(DIGEST).exists()


async def test_many_at_once_never_lose_a_used_package(store: PackageStore, upload: MakeUpload) -> None:
    users: set[int] = set()

    async def register_and_delete(user: int) -> None:
        async with store.hold(await upload(b"content"), lambda _: bool(users)):
            await asyncio.sleep(0)
            users.add(user)
        assert store.path(DIGEST).exists()
        users.discard(user)
        await store.delete_unused(DIGEST, lambda _: bool(users))

    await asyncio.gather(*(register_and_delete(user) for user in range(20)))
    assert files(store) == []


async def test_sweep_keeps_what_is_used(store: PackageStore, upload: MakeUpload) -> None:
    for content in (b"content", b"other"):
        async with store.hold(await upload(content), used):
            pass
    assert await store.sweep(lambda digest: digest == DIGEST) == 1
    assert files(store) == [f"blobs/{DIGEST[:2]}/{DIGEST}"]


async def test_what_a_crash_left_half_received_is_removed_at_the_next_start(store: PackageStore) -> None:
    half = store.begin("x.py")
    await half.write(b"x" * 100)
    assert len(files(store)) == 1
    PackageStore(store.directory, store.max_bytes)
    assert files(store) == []
    await half.discard()


@pytest.mark.parametrize("worker_id", ["host-6751", "..", "a/b"])
async def test_a_start_leaves_what_other_workers_on_the_same_folder_receive(tmp_path: Path, worker_id: str) -> None:
    begun = PackageStore(tmp_path, 100, "host-6750").begin()
    other = PackageStore(tmp_path, 100, worker_id)
    assert files(other) != []
    await begun.discard()
    assert other.begin().file.parent.parent == tmp_path / "incoming"


async def test_too_large(store: PackageStore) -> None:
    begun = store.begin("x.py")
    await begun.write(b"x" * 10_000)
    with pytest.raises(PackageTooLargeError, match="10000 bytes"):
        await begun.write(b"x")
    await begun.discard()
    assert files(store) == []


async def test_empty_and_corrupt_are_refused(store: PackageStore) -> None:
    empty = store.begin("x.py")
    with pytest.raises(PackageError, match="is empty"):
        await empty.finish()
    corrupt = store.begin("x.zip")
    await corrupt.write(b"PK")
    with pytest.raises(PackageError, match="not a usable zip archive"):
        await corrupt.finish()
    for begun in (empty, corrupt):
        await begun.discard()
    assert files(store) == []


async def test_hostile_original_names_are_neutralised(store: PackageStore) -> None:
    begun = store.begin("../../../etc/cron.d/x")
    assert begun.original_name == "x"
    assert begun.file.parent == store.directory / "incoming"
    await begun.discard()


async def test_load(store: PackageStore, upload: MakeUpload) -> None:
    begun = store.begin()
    async with store.hold(await upload(b"content"), used):
        await store.load(DIGEST, begun)
    assert await begun.finish() == DIGEST
    with pytest.raises(PackageMissingError, match="not in this worker's store"):
        await store.load("0" * 64, begun)
    await begun.discard()


async def test_a_copy_replaces_what_is_damaged_and_leaves_the_upload(store: PackageStore, upload: MakeUpload) -> None:
    copied = await upload(b"content")
    for _ in range(2):
        await store.keep(copied)
        assert store.path(DIGEST).read_bytes() == b"content"
        store.path(DIGEST).write_bytes(b"tampered")
    assert copied.file.exists()
    await copied.discard()
    assert files(store) == [f"blobs/{DIGEST[:2]}/{DIGEST}"]


async def test_paths_of_uploads_stay_inside_the_store(store: PackageStore, upload: MakeUpload) -> None:
    for path in ("../../evil", "/etc/passwd", "a/b", "x" * 10_000):
        await store.put(path, await upload(path.encode()[:100]))
        assert store.uploaded(path).parent == store.directory / "uploads"
        assert store.uploaded(path).read_bytes() == path.encode()[:100]


async def test_a_disk_that_takes_nothing_more(store: PackageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    begun = store.begin("x.py")
    await begun.write(b"content")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(PackageStorageError, match="cannot store the package: No space left on device"):
        await begun.finish()
    await begun.discard()
    assert files(store) == []


def test_a_directory_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"pulsemill\.packagesDirectory: .*file cannot be used"):
        PackageStore(tmp_path / "file", max_bytes=1)
