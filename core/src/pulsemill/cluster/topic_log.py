"""An internal topic as an append-only log: replayed, followed, and written by one worker at a time.

Everything goes through pulsar.asyncio on the worker's event loop; the client's own threads only complete futures there.
That was tried against brokers that die and come back: readers and producers reconnect by themselves and lose nothing.
No call that opens a producer or writes is cancelled before it ends by its own timeout, because its late result would be
leaked: a producer that nobody holds locks the topic. Reads are cancelled, and repeated from the last position.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

import _pulsar
import attrs
import pulsar
import pulsar.asyncio

from pulsemill.backoff import Backoff
from pulsemill.cluster.records import Record
from pulsemill.cluster.topics import TopicSpec
from pulsemill.errors import PulsemillError

SEND_SECONDS: Final = 10.0
READ_SECONDS: Final = 10.0
RECONNECT_SECONDS: Final = 120.0
"""Twice the longest pause that the client makes before it tries to connect again."""
MILLISECONDS: Final = 1000
TAKEN_OVER: Final = (_pulsar.Result.ProducerFenced, _pulsar.Result.AlreadyClosed)
"""What a producer fails with for good once another worker wrote, or the topic was unloaded under it."""

logger = logging.getLogger(__name__)

Position: TypeAlias = pulsar.MessageId
Handler: TypeAlias = Callable[[Record, Position], None]


class TopicError(PulsemillError):
    """An internal topic cannot be read or written now."""


class TopicLog(Protocol):
    """What the cluster needs of a topic."""

    @property
    def topic(self) -> str:
        """The full name, for messages to people."""

    @property
    def is_writer(self) -> bool:
        """Whether this worker is the only writer, until the broker says that another one took over, or says nothing."""

    async def acquire(self) -> None:
        """Become the only writer; TopicError when another worker writes."""

    async def release(self) -> None:
        """Let another worker write. Idempotent."""

    async def append(self, record: Record) -> Position:
        """Write and wait until it is stored; TopicError when that is not known within SEND_SECONDS."""

    async def read_to_end(self, after: Position | None, handle: Handler) -> None:
        """Read everything behind a position (None: from the beginning) that is there now."""

    async def follow(self, after: Position | None, handle: Handler) -> None:
        """Read for ever, over every loss of the connection."""


@attrs.define
class PulsarTopicLog:
    """A topic log on a Pulsar broker."""

    client: pulsar.asyncio.Client
    spec: TopicSpec
    _producer: pulsar.asyncio.Producer | None = attrs.field(default=None, init=False)
    _in_vain_since: float | None = attrs.field(default=None, init=False)
    """When the first write failed of those that failed for want of a connection since the last one that was stored."""

    @property
    def topic(self) -> str:
        """The full name."""
        return self.spec.topic

    @property
    def is_writer(self) -> bool:
        """Whether there is a producer, neither fenced nor forgotten by the broker."""
        return self._producer is not None

    async def acquire(self) -> None:
        """Become the only writer."""
        try:
            self._producer = await self.client.create_producer(
                self.topic,
                producer_name=self.spec.writer_name,
                access_mode=pulsar.ProducerAccessMode.Exclusive,
                batching_enabled=False,
                block_if_queue_full=True,
                compression_type=pulsar.CompressionType.LZ4,
                send_timeout_millis=int(SEND_SECONDS * 1000),
            )
        except pulsar.asyncio.PulsarException as error:
            raise TopicError(f"cannot become the writer of {self.topic}: {error}; does another worker lead?") from error

    async def release(self) -> None:
        """Let another worker write."""
        producer, self._producer, self._in_vain_since = self._producer, None, None
        if producer:
            await quietly_close(producer)

    async def append(self, record: Record) -> Position:
        """Write and wait until it is stored."""
        if self._producer is None:
            raise TopicError(f"this worker is not the writer of {self.topic}")
        try:
            position = await self._producer.send(
                record.payload, properties=dict(record.properties), partition_key=record.key or None
            )
        except pulsar.asyncio.PulsarException as error:
            if error.error() in TAKEN_OVER:
                await self.release()
                raise TopicError(f"cannot write to {self.topic}: another worker took over ({error})") from error
            if error.error() == _pulsar.Result.Timeout and self._is_forgotten():
                await self.release()
            raise TopicError(f"cannot write to {self.topic}: {error}; is the broker up?") from error
        self._in_vain_since = None
        return position

    def _is_forgotten(self) -> bool:
        """Whether a producer for which a write timed out may be of no use for ever (docs/adr/0008).

        Connected, it was forgotten by a broker that is there; without a connection for so long, by the client.
        """
        if self._producer is None:
            return False
        if self._producer.is_connected():
            return True
        now = time.monotonic()
        self._in_vain_since = self._in_vain_since or now
        return now - self._in_vain_since > RECONNECT_SECONDS

    async def read_to_end(self, after: Position | None, handle: Handler) -> None:
        """Read what is there now."""
        try:
            reader = await self._reader(after)
            try:
                if after is None and await seems_empty(reader):
                    return
                while await reader.has_message_available():
                    deliver(await asyncio.wait_for(reader.read_next(), READ_SECONDS), handle)
            finally:
                await quietly_close(reader)
        except (pulsar.asyncio.PulsarException, TimeoutError) as error:
            raise TopicError(f"cannot read {self.topic}: {str(error) or 'no answer'}; is the broker up?") from error

    async def follow(self, after: Position | None, handle: Handler) -> None:
        """Read for ever."""
        position = after
        backoff = Backoff()

        def remember(record: Record, at: Position) -> None:
            nonlocal position
            position = at
            handle(record, at)

        while True:
            try:
                await self._follow_once(position, remember)
            except pulsar.asyncio.PulsarException as error:
                logger.warning("reading %s failed, trying again soon: %s", self.topic, error)
            except Exception:
                logger.exception("reading %s failed unexpectedly, going on soon", self.topic)
            await asyncio.sleep(backoff.next_delay(0))

    async def _follow_once(self, after: Position | None, handle: Handler) -> None:
        reader = await self._reader(after)
        try:
            while True:
                deliver(await reader.read_next(), handle)
        finally:
            await quietly_close(reader)

    async def _reader(self, after: Position | None) -> pulsar.asyncio.Reader:
        return await self.client.create_reader(
            self.topic,
            after or pulsar.MessageId.earliest,
            reader_name=self.spec.reader_name,
            subscription_role_prefix=self.spec.reader_name,
            is_read_compacted=self.spec.read_compacted,
        )


def deliver(message: pulsar.Message, handle: Handler) -> None:
    """Hand a message over as a record."""
    written = message.publish_timestamp() / MILLISECONDS
    handle(Record(message.data(), message.partition_key(), message.properties(), written), message.message_id())


async def seems_empty(reader: pulsar.asyncio.Reader) -> bool:
    """Whether a topic has no messages at all: the embedded broker then answers with an UnknownError."""
    try:
        return not await reader.has_message_available()
    except pulsar.asyncio.PulsarException as error:
        if error.error() != _pulsar.Result.UnknownError:
            raise
        return True


async def quietly_close(closable: pulsar.asyncio.Producer | pulsar.asyncio.Reader | pulsar.asyncio.Consumer) -> None:
    """Close what may have lost its connection already."""
    try:
        await closable.close()
    except pulsar.asyncio.PulsarException as error:
        logger.debug("closing %s: %s", closable.topic(), error)
