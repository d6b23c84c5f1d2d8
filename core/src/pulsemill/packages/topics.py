"""Packages on topics of the functions namespace, so that any broker will do: one topic per package.

The file is in order in messages of CHUNK_BYTES, and a last, empty message counts them: without it there is no package.
A durable subscription that nobody reads keeps the messages under every retention policy, and the topic from being
deleted as inactive. Deleting the package deletes the topic.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import _pulsar
import attrs
import pulsar
import pulsar.asyncio

from pulsemill.errors import PulsemillError
from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.upload import Upload

CHUNK_BYTES: Final = 512 * 1024
IN_FLIGHT: Final = 8
ANSWER_SECONDS: Final = 10.0
SUBSCRIPTION: Final = "package"

_INDEX = "chunk"
_COUNT = "chunks"


class TopicAdmin(Protocol):
    """What the broker's admin API is needed for; each raises a PulsemillError when it cannot."""

    async def create_topic(self, topic: str) -> None:
        """Create a non-partitioned topic unless it exists."""

    async def delete_topic(self, topic: str) -> None:
        """Delete a topic with its subscriptions unless it is gone."""

    async def topics(self, namespace: str) -> Sequence[str]:
        """The full names of a namespace's persistent topics."""


@attrs.frozen
class TopicPackageObjects:
    """Objects on topics. `prefix` begins their names and is nobody else's in the namespace."""

    client: pulsar.asyncio.Client
    admin: TopicAdmin
    namespace: str
    prefix: str

    @property
    def place(self) -> str:
        """What people call it."""
        return f"the topics of {self.namespace}"

    def topic(self, key: str) -> str:
        """The topic of an object."""
        return f"persistent://{self.namespace}/{self.prefix}{key}"

    async def put(self, key: str, file: Path) -> None:
        """Write a new object."""
        topic = self.topic(key)
        async with _stored_on(topic):
            await self.admin.create_topic(topic)
            consumer = await self.client.subscribe(
                topic, SUBSCRIPTION, initial_position=pulsar.InitialPosition.Earliest, receiver_queue_size=1
            )
            await consumer.close()
            producer = await self.client.create_producer(
                topic,
                batching_enabled=False,
                max_pending_messages=2 * IN_FLIGHT,
                send_timeout_millis=int(ANSWER_SECONDS * 1000),
            )
            try:
                await _write(producer, file)
            finally:
                await producer.close()

    async def get(self, key: str, into: Upload) -> None:
        """Write an object's content into an upload."""
        async with _stored_on(self.topic(key)):
            reader = await self.client.create_reader(
                self.topic(key), pulsar.MessageId.earliest, receiver_queue_size=IN_FLIGHT
            )
            try:
                if await _is_empty(reader):
                    raise PackageMissingError(key, self.place)
                await _read(reader, into)
            finally:
                await reader.close()

    async def delete(self, key: str) -> None:
        """Delete an object's topic."""
        async with _stored_on(self.topic(key)):
            await self.admin.delete_topic(self.topic(key))

    async def keys(self) -> Collection[str]:
        """The keys of all objects."""
        start = self.topic("")
        async with _stored_on(start):
            topics = await self.admin.topics(self.namespace)
        return {topic.removeprefix(start) for topic in topics if topic.startswith(start)}


@asynccontextmanager
async def _stored_on(topic: str) -> AsyncIterator[None]:
    """Turn what the broker refuses into PackageStorageError."""
    try:
        yield
    except (pulsar.asyncio.PulsarException, TimeoutError) as error:
        why = str(error) or f"no answer within {ANSWER_SECONDS:g} s"
        raise PackageStorageError(f"The package storage on {topic} fails: {why}; is the broker up?") from error
    except (PackageMissingError, PackageStorageError):
        raise
    except PulsemillError as error:
        raise PackageStorageError(f"The package storage on {topic} fails: {error}") from error


async def _write(producer: pulsar.asyncio.Producer, file: Path) -> None:
    with await asyncio.to_thread(file.open, "rb") as reader:
        count = 0
        while chunks := await asyncio.to_thread(_next_chunks, reader):
            # Tasks start in their order, and each hands its message to the client before it waits.
            sends = [
                producer.send(chunk, properties={_INDEX: str(index)}) for index, chunk in enumerate(chunks, start=count)
            ]
            await asyncio.gather(*sends)
            count += len(chunks)
    await producer.send(b"", properties={_COUNT: str(count)})


def _next_chunks(reader: BinaryIO) -> list[bytes]:
    chunks = (reader.read(CHUNK_BYTES) for _ in range(IN_FLIGHT))
    return [chunk for chunk in chunks if chunk]


async def _read(reader: pulsar.asyncio.Reader, into: Upload) -> None:
    """Write the chunks up to the last message; chunks that came twice, because a broker died, are taken once."""
    expected = 0
    while True:
        message = await asyncio.wait_for(reader.read_next(), ANSWER_SECONDS)
        properties = message.properties()
        if properties.get(_COUNT) == str(expected):
            return
        if properties.get(_INDEX) == str(expected):
            await into.write(message.data())
            expected += 1
        elif not properties.get(_INDEX, "").isdecimal() or int(properties[_INDEX]) > expected:
            raise PackageStorageError(f"The package on {reader.topic()} lacks its chunk {expected}")


async def _is_empty(reader: pulsar.asyncio.Reader) -> bool:
    """Whether a topic has no messages: the embedded broker then answers with an UnknownError."""
    try:
        return not await reader.has_message_available()
    except pulsar.asyncio.PulsarException as error:
        if error.error() != _pulsar.Result.UnknownError:
            raise
        return True
