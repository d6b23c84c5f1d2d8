"""Where packages are looked for, in which order."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx2
import pytest

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PackageError
from pulsemill.names import FunctionName
from pulsemill.packages.errors import PackageMissingError, PackageStorageError, PackageTooLargeError
from pulsemill.packages.fetch import PackageFetcher
from pulsemill.packages.objects import ObjectPackageStorage
from pulsemill.packages.peers import PeerPackages
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.service import PackagesService
from pulsemill.packages.storage import PackageOwner
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload

OWNER = PackageOwner(FunctionName("t", "n", "f"), 0)
JAVA_PATH = "t/n/f/0a1b2c3d-4e5f-x.py"
MakeUpload = Callable[..., Awaitable[Upload]]


class OtherWorker:
    """A worker that answers with one content, or does not know."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return httpx2.Response(404) if self.content is None else httpx2.Response(200, content=self.content)


@pytest.fixture
def other() -> OtherWorker:
    return OtherWorker()


@pytest.fixture
def reader(store: PackageStore, objects: Any, other: OtherWorker, packages_service: Any) -> PackageReader:
    async def addresses() -> Sequence[str]:
        return ["http://other:6750"]

    return PackageReader(
        store,
        PackageFetcher.from_config(WorkerConfig()),
        ObjectPackageStorage(objects, store),
        PackagesService("http://broker:8080", transport=httpx2.MockTransport(packages_service)),
        PeerPackages(addresses, transport=httpx2.MockTransport(other)),
    )


async def stored(reader: PackageReader, upload: Upload) -> str:
    async with reader.storage.hold(upload, OWNER, lambda _: True) as path:
        return path


async def read(reader: PackageReader, path: str, **options: Any) -> bytes:
    async with reader.open(path, "x.py", **options) as upload:
        return upload.file.read_bytes()


async def test_the_storage(reader: PackageReader, upload: MakeUpload) -> None:
    assert await read(reader, await stored(reader, await upload(b"content"))) == b"content"


async def test_a_copy_on_the_disk_spares_the_storage(reader: PackageReader, objects: Any, upload: MakeUpload) -> None:
    copied = await upload(b"content")
    path = await stored(reader, copied)
    await reader.store.keep(copied)
    assert await read(reader, path) == b"content"
    assert objects.reads == 0


async def test_a_damaged_copy_is_not_taken(reader: PackageReader, objects: Any, upload: MakeUpload) -> None:
    copied = await upload(b"content")
    path = await stored(reader, copied)
    await reader.store.keep(copied)
    reader.store.path(copied.digest).write_bytes(b"tampered")
    assert await read(reader, path) == b"content"
    assert objects.reads == 1


async def test_a_damaged_object_is_not_taken(reader: PackageReader, objects: Any, upload: MakeUpload) -> None:
    path = await stored(reader, await upload(b"content"))
    objects.contents = dict.fromkeys(objects.contents, b"tampered")
    with pytest.raises(PackageError, match="is damaged; register the function again"):
        await read(reader, path)


async def test_what_a_java_worker_stored_is_asked_of_the_others(reader: PackageReader, other: OtherWorker) -> None:
    other.content = b"from java"
    assert await read(reader, JAVA_PATH) == b"from java"


async def test_others_are_not_believed_without_the_digest(
    reader: PackageReader, other: OtherWorker, objects: Any, upload: MakeUpload
) -> None:
    path = await stored(reader, await upload(b"content"))
    objects.contents.clear()
    other.content = b"something else"
    with pytest.raises(PackageError, match="is damaged"):
        await read(reader, path)
    other.content = b"content"
    assert await read(reader, path) == b"content"


async def test_a_question_of_another_worker_is_not_passed_on(reader: PackageReader, other: OtherWorker) -> None:
    with pytest.raises(PackageMissingError):
        await read(reader, JAVA_PATH, ask_peers=False)
    assert other.asked == []


async def test_a_package_that_nobody_has(reader: PackageReader) -> None:
    with pytest.raises(PackageMissingError, match="is not in memory; register the function again"):
        await read(reader, JAVA_PATH)


async def test_a_storage_that_is_down_is_the_reason(reader: PackageReader, objects: Any, upload: MakeUpload) -> None:
    path = await stored(reader, await upload(b"content"))
    objects.is_down = True
    with pytest.raises(PackageStorageError, match="the memory is gone"):
        await read(reader, path)


async def test_a_package_over_the_limit(reader: PackageReader, other: OtherWorker) -> None:
    other.content = b"x" * 10_001
    with pytest.raises(PackageTooLargeError):
        await read(reader, JAVA_PATH)


async def test_the_packages_service(reader: PackageReader, packages_service: Any) -> None:
    packages_service.packages["source://t/n/f@v1"] = b"managed"
    assert await read(reader, "source://t/n/f@v1") == b"managed"
    with pytest.raises(PackageMissingError, match="not in the broker's packages service"):
        await read(reader, "source://t/n/f@v2")


async def test_the_packages_service_has_to_be_enabled(store: PackageStore) -> None:
    with pytest.raises(PackageError, match="Please enable it to use function://t/n/f@v1"):
        await read(PackageReader.local(WorkerConfig(), store), "function://t/n/f@v1")


async def test_the_log_does_not_show_a_password(reader: PackageReader, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(PackageError):
        await read(reader, "https://me:secret@host/x.py?signature=secret")
    assert "https://host/x.py" in caplog.text
    assert "secret" not in caplog.text


async def test_nothing_is_left_on_the_disk(reader: PackageReader, other: OtherWorker) -> None:
    for other.content in (b"content", None):
        try:
            await read(reader, JAVA_PATH)
        except PackageMissingError:
            continue
    assert not [path for path in reader.store.directory.rglob("*") if path.is_file()]
