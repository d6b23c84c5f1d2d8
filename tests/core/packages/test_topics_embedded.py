"""Packages on the topics of a broker. Larger ones, which the embedded broker stalls on, are tested on a real one."""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import attrs
import pulsar.asyncio
import pytest

from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.cluster.client import close_client, quiet_logger
from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.store import PackageStore
from pulsemill.packages.topics import CHUNK_BYTES, TopicPackageObjects

pytestmark = pytest.mark.embedded

KEY = "01" * 16


@attrs.frozen
class NoAdmin:
    """The embedded broker has no admin API: topics come with their first use."""

    async def create_topic(self, topic: str) -> None:
        return

    async def delete_topic(self, topic: str) -> None:
        return

    async def topics(self, namespace: str) -> Sequence[str]:
        return []


@pytest.fixture
async def objects(tmp_path: Path) -> AsyncIterator[TopicPackageObjects]:
    with DataDirectory(tmp_path / "data") as data:
        async with EmbeddedBroker(data) as broker:
            client = pulsar.asyncio.Client(broker.service_url, logger=quiet_logger())
            yield TopicPackageObjects(client, NoAdmin(), "public/functions", "metadata-package-")
            await close_client(client)


@pytest.mark.parametrize("size", [1, CHUNK_BYTES, 3 * CHUNK_BYTES + 1])
async def test_a_package_comes_back_as_it_was(objects: TopicPackageObjects, tmp_path: Path, size: int) -> None:
    store = PackageStore(tmp_path / "packages", 2**24)
    written, read = store.begin(), store.begin()
    await written.write(os.urandom(size))
    await written.finish()
    await objects.put(KEY, written.file)
    await objects.get(KEY, read)
    assert await read.finish() == written.digest


async def test_what_was_never_written(objects: TopicPackageObjects, tmp_path: Path) -> None:
    with pytest.raises(PackageMissingError):
        await objects.get(KEY, PackageStore(tmp_path / "packages", 100).begin())
