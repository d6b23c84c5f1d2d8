"""What requests leave in a storage that workers share, and what they answer when it fails."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.errors import MetadataOutOfDateError, MetadataWriteError
from pulsemill.packages.errors import PackageStorageError
from pulsemill.packages.filesystem import FilePackageObjects
from pulsemill.packages.objects import ObjectPackageStorage
from pulsemill.packages.peers import FROM_WORKER, PeerPackages
from pulsemill.rest.app import create_app

CODE = b"def process(input):\n    return input + '!'\n"


@pytest.fixture
def objects() -> FilePackageObjects:
    return FilePackageObjects.at(f"memory://{uuid.uuid4().hex}")


@pytest.fixture
async def shared(world: Any, objects: FilePackageObjects) -> AsyncIterator[Any]:
    """The world with such a storage, and another worker that may have what the storage lacks."""

    async def addresses() -> list[str]:
        return ["http://other:6750"]

    store = world.ports.packages
    peers = PeerPackages(addresses, transport=httpx2.MockTransport(world.other_worker))
    reader = attrs.evolve(world.ports.reader, storage=ObjectPackageStorage(objects, store), peers=peers)
    ports = attrs.evolve(world.ports, reader=reader)
    transport = httpx2.ASGITransport(create_app(ports))
    async with httpx2.AsyncClient(transport=transport, base_url="http://worker:6750") as client:
        yield attrs.evolve(world, client=client, ports=ports)


async def test_a_functions_life(shared: Any, objects: FilePackageObjects) -> None:
    assert (await shared.register()).status_code == 204
    (first,) = await objects.keys()
    assert (await shared.client.get(f"{shared.url}/download")).content == CODE
    assert (await shared.update(code=CODE + b"# changed")).status_code == 204
    (second,) = await objects.keys()
    assert second != first
    assert (await shared.client.get(f"{shared.url}/download")).content == CODE + b"# changed"
    assert (await shared.client.delete(shared.url)).status_code == 204
    assert list(await objects.keys()) == []
    assert shared.blobs() == []


async def test_a_refused_creation_leaves_nothing(shared: Any, objects: FilePackageObjects) -> None:
    shared.functions.failure = MetadataOutOfDateError("another worker was faster")
    assert (await shared.register()).status_code == 400
    assert list(await objects.keys()) == []


async def test_what_may_be_stored_keeps_its_package(shared: Any, objects: FilePackageObjects) -> None:
    shared.functions.failure = MetadataWriteError("no answer")
    assert (await shared.register()).status_code == 500
    assert len(await objects.keys()) == 1


async def test_a_refused_update_keeps_the_old_package(shared: Any, objects: FilePackageObjects) -> None:
    await shared.register()
    before = list(await objects.keys())
    shared.functions.failure = MetadataOutOfDateError("another worker was faster")
    assert (await shared.update(code=b"changed")).status_code == 400
    assert list(await objects.keys()) == before


async def test_a_storage_that_fails_is_told_and_nothing_registered(
    shared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise PackageStorageError("The package storage on t fails: no quota; is the broker up?")

    monkeypatch.setattr(FilePackageObjects, "put", fail)
    answer = await shared.register()
    assert (answer.status_code, answer.json()["reason"][:32]) == (500, "The package storage on t fails: ")
    assert shared.functions.by_name == {}


async def test_a_download_asks_others_but_not_for_others(shared: Any, objects: FilePackageObjects) -> None:
    await shared.register()
    for key in await objects.keys():
        await objects.delete(key)
    shared.other_worker.answer = httpx2.Response(200, content=CODE)
    assert (await shared.client.get(f"{shared.url}/download")).content == CODE
    answer = await shared.client.get(f"{shared.url}/download", headers={FROM_WORKER: "1"})
    assert answer.status_code == 404
    assert len(shared.other_worker.asked) == 1


@pytest.mark.parametrize("field", ["packageLocation", "transformFunctionPackageLocation"])
async def test_a_package_is_used_by_its_whole_name_alone(world: Any, field: str) -> None:
    await world.register()
    getattr(world.stored(), field).packagePath = "function://public/default/exclaim@10"
    assert world.ports.is_package_used("function://public/default/exclaim@10")
    assert not world.ports.is_package_used("function://public/default/exclaim@1")
