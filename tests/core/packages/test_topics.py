"""Packages on topics: chunks in order, whole or not at all. On a broker in test_topics_embedded.py."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from pulsemill.errors import PulsemillError
from pulsemill.packages import topics
from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.store import PackageStore
from pulsemill.packages.topics import CHUNK_BYTES, SUBSCRIPTION, TopicPackageObjects

KEY = "01" * 16
CONTENT = b"a" * CHUNK_BYTES * 9 + b"end"
TOPIC = f"persistent://public/functions/metadata-package-{KEY}"


@attrs.frozen
class Message:
    payload: bytes
    its_properties: dict[str, str]

    def data(self) -> bytes:
        return self.payload

    def properties(self) -> dict[str, str]:
        return self.its_properties


@attrs.define
class FakeClient:
    """Topics in memory; `log` has what was done, in order."""

    messages: dict[str, list[Message]] = attrs.field(factory=dict)
    log: list[str] = attrs.field(factory=list)

    async def subscribe(self, topic: str, subscription: str, **_: Any) -> "Handle":
        self.log.append(f"subscribe {subscription}")
        return Handle(self, topic)

    async def create_producer(self, topic: str, **_: Any) -> "Handle":
        self.log.append("produce")
        return Handle(self, topic)

    async def create_reader(self, topic: str, *_: Any, **__: Any) -> "Handle":
        return Handle(self, topic)


@attrs.define
class Handle:
    """A producer, reader or consumer."""

    client: FakeClient
    its_topic: str
    position: int = 0

    def topic(self) -> str:
        return self.its_topic

    async def send(self, payload: bytes, properties: dict[str, str]) -> None:
        self.client.messages.setdefault(self.its_topic, []).append(Message(payload, properties))

    async def has_message_available(self) -> bool:
        return self.position < len(self.client.messages.get(self.its_topic, []))

    async def read_next(self) -> Message:
        if not await self.has_message_available():
            raise TimeoutError
        self.position += 1
        return self.client.messages[self.its_topic][self.position - 1]

    async def close(self) -> None:
        self.client.log.append("close")


@attrs.define
class FakeAdmin:
    """An admin API that notes what it is asked, or fails."""

    calls: list[str] = attrs.field(factory=list)
    names: Sequence[str] = ()
    failure: Exception | None = None

    async def create_topic(self, topic: str) -> None:
        self._note(f"create {topic}")

    async def delete_topic(self, topic: str) -> None:
        self._note(f"delete {topic}")

    async def topics(self, namespace: str) -> Sequence[str]:
        self._note(f"list {namespace}")
        return self.names

    def _note(self, call: str) -> None:
        if self.failure:
            raise self.failure
        self.calls.append(call)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def admin() -> FakeAdmin:
    return FakeAdmin()


@pytest.fixture
def objects(client: Any, admin: FakeAdmin) -> TopicPackageObjects:
    return TopicPackageObjects(client, admin, "public/functions", "metadata-package-")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "package"
    file.write_bytes(CONTENT)
    return file


async def content(objects: TopicPackageObjects, tmp_path: Path) -> bytes:
    upload = PackageStore(tmp_path / "store", 2**24).begin()
    try:
        await objects.get(KEY, upload)
        return await upload.read()
    finally:
        await upload.discard()


async def test_chunks_in_order_and_their_number_at_the_end(
    objects: TopicPackageObjects, client: FakeClient, file: Path
) -> None:
    await objects.put(KEY, file)
    assert [message.properties() for message in client.messages[TOPIC]] == [
        *({"chunk": str(index)} for index in range(10)),
        {"chunks": "10"},
    ]
    assert all(len(message.data()) <= CHUNK_BYTES for message in client.messages[TOPIC])


async def test_the_subscription_is_there_before_the_first_message(
    objects: TopicPackageObjects, client: FakeClient, admin: FakeAdmin, file: Path
) -> None:
    await objects.put(KEY, file)
    assert admin.calls == [f"create {TOPIC}"]
    assert client.log == [f"subscribe {SUBSCRIPTION}", "close", "produce", "close"]


async def test_read_back(objects: TopicPackageObjects, file: Path, tmp_path: Path) -> None:
    await objects.put(KEY, file)
    assert await content(objects, tmp_path) == CONTENT


async def test_chunks_that_a_reconnection_sent_twice_count_once(
    objects: TopicPackageObjects, client: FakeClient, file: Path, tmp_path: Path
) -> None:
    await objects.put(KEY, file)
    messages = client.messages[TOPIC]
    client.messages[TOPIC] = [*messages[:5], *messages[3:5], *messages[5:]]
    assert await content(objects, tmp_path) == CONTENT


@pytest.mark.parametrize("kept", [slice(0, 10), slice(1, None), slice(0, 0)])
async def test_what_is_not_whole_is_not_given(
    objects: TopicPackageObjects, client: FakeClient, file: Path, tmp_path: Path, kept: slice
) -> None:
    await objects.put(KEY, file)
    client.messages[TOPIC] = client.messages[TOPIC][kept]
    with pytest.raises((PackageMissingError, PackageStorageError)):
        await content(objects, tmp_path)


async def test_a_lost_chunk_in_the_middle_is_told(
    objects: TopicPackageObjects, client: FakeClient, file: Path, tmp_path: Path
) -> None:
    await objects.put(KEY, file)
    del client.messages[TOPIC][4]
    with pytest.raises(PackageStorageError, match="lacks its chunk 4"):
        await content(objects, tmp_path)


async def test_an_empty_topic_is_no_package(objects: TopicPackageObjects, tmp_path: Path) -> None:
    with pytest.raises(PackageMissingError, match="not in the topics of public/functions"):
        await content(objects, tmp_path)


async def test_delete_deletes_the_topic(objects: TopicPackageObjects, admin: FakeAdmin) -> None:
    await objects.delete(KEY)
    assert admin.calls == [f"delete {TOPIC}"]


async def test_keys_are_of_package_topics_only(objects: TopicPackageObjects, admin: FakeAdmin) -> None:
    admin.names = [TOPIC, "persistent://public/functions/metadata", "persistent://public/functions/assignments"]
    assert set(await objects.keys()) == {KEY}


async def test_a_refusal_of_the_broker_names_the_topic(
    objects: TopicPackageObjects, admin: FakeAdmin, file: Path
) -> None:
    admin.failure = PulsemillError("the worker lacks the rights")
    with pytest.raises(PackageStorageError, match=f"{TOPIC} fails: the worker lacks the rights"):
        await objects.put(KEY, file)


def test_a_chunk_fits_into_any_brokers_messages() -> None:
    assert topics.CHUNK_BYTES <= 2**20
