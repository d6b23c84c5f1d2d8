"""Topics as logs, on a real broker."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pulsar.asyncio
import pytest

from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.cluster import topic_log
from pulsemill.cluster.records import Record
from pulsemill.cluster.topic_log import Position, PulsarTopicLog, TopicError
from pulsemill.cluster.topics import TopicSpec

pytestmark = pytest.mark.embedded

SPEC = TopicSpec("persistent://public/functions/metadata", "w1-leader", "w1-tailer", read_compacted=False)

MakeLog = Callable[[], PulsarTopicLog]


class Collected:
    """What a handler was given, and how to wait for it."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.position: Position | None = None
        self._arrived = asyncio.Event()

    def __call__(self, record: Record, position: Position) -> None:
        self.payloads.append(record.payload)
        self.position = position
        self._arrived.set()

    async def wait_for(self, payload: bytes) -> None:
        async with asyncio.timeout(20):
            while payload not in self.payloads:
                self._arrived.clear()
                await self._arrived.wait()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    with DataDirectory(tmp_path) as data:
        async with EmbeddedBroker(data) as broker:
            yield broker


@pytest.fixture
async def log(broker: EmbeddedBroker) -> AsyncIterator[PulsarTopicLog]:
    client = pulsar.asyncio.Client(broker.service_url)
    log = PulsarTopicLog(client, SPEC)
    yield log
    await log.release()
    await client.close()


async def test_a_new_topic_has_nothing(log: PulsarTopicLog) -> None:
    collected = Collected()
    await log.read_to_end(None, collected)
    assert collected.payloads == []


async def test_what_was_appended_is_read_with_key_and_properties_and_from_any_position(log: PulsarTopicLog) -> None:
    records: list[Record] = []
    await log.acquire()
    first = await log.append(Record(b"one", "t/n/f:0", {"version": "3"}))
    await log.append(Record(b"", "t/n/f:0"))
    await log.read_to_end(None, lambda record, _: records.append(record))
    assert records == [Record(b"one", "t/n/f:0", {"version": "3"}), Record(b"", "t/n/f:0")]
    assert all(record.written and abs(record.written - time.time()) < 60 for record in records)
    records.clear()
    await log.read_to_end(first, lambda record, _: records.append(record))
    assert records == [Record(b"", "t/n/f:0")]


async def test_reading_goes_on_where_it_ended(log: PulsarTopicLog) -> None:
    collected = Collected()
    await log.acquire()
    await log.append(Record(b"a"))
    await log.read_to_end(None, collected)
    await log.read_to_end(collected.position, collected)
    await log.append(Record(b"b"))
    await log.read_to_end(collected.position, collected)
    assert collected.payloads == [b"a", b"b"]


async def test_only_the_writer_writes(log: PulsarTopicLog) -> None:
    with pytest.raises(TopicError, match="not the writer"):
        await log.append(Record(b"a"))
    await log.acquire()
    await log.append(Record(b"a"))
    await log.release()
    await log.release()
    with pytest.raises(TopicError, match="not the writer"):
        await log.append(Record(b"b"))


async def test_a_follower_reads_on_after_the_broker_was_killed(broker: EmbeddedBroker, log: PulsarTopicLog) -> None:
    collected = Collected()
    await log.acquire()
    await log.append(Record(b"before"))
    following = asyncio.create_task(log.follow(None, collected))
    await collected.wait_for(b"before")
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)
    await log.append(Record(b"after"))
    await collected.wait_for(b"after")
    following.cancel()
    await asyncio.wait([following])


async def test_a_follower_survives_a_handler_that_fails(log: PulsarTopicLog, caplog: pytest.LogCaptureFixture) -> None:
    collected = Collected()

    def fail_once(record: Record, position: Position) -> None:
        if record.payload == b"bad":
            raise KeyError("bug")
        collected(record, position)

    await log.acquire()
    following = asyncio.create_task(log.follow(None, fail_once))
    for payload in (b"bad", b"good"):
        await log.append(Record(payload))
    await collected.wait_for(b"good")
    assert "failed unexpectedly" in caplog.text
    following.cancel()
    await asyncio.wait([following])


async def test_a_write_without_broker_fails_in_time_and_works_again_later(
    broker: EmbeddedBroker, log: PulsarTopicLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_log, "SEND_SECONDS", 0.5)
    await log.acquire()
    await broker.stop()
    await fail_to_append(log)
    await broker.start()
    monkeypatch.undo()
    async with asyncio.timeout(10):
        await append_until_stored(log, Record(b"kept"))


async def test_a_writer_that_the_client_does_not_connect_again_is_given_up(
    broker: EmbeddedBroker, log: PulsarTopicLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_log, "SEND_SECONDS", 0.5)
    await log.acquire()
    await broker.stop()
    await fail_to_append(log)
    assert log.is_writer
    monkeypatch.setattr(topic_log, "RECONNECT_SECONDS", 0.0)
    await fail_to_append(log)
    assert not log.is_writer
    await broker.start()
    await log.acquire()
    await log.append(Record(b"kept"))


async def fail_to_append(log: PulsarTopicLog) -> None:
    """To a broker that is away."""
    with pytest.raises(TopicError, match=r"cannot write to persistent://public/functions/metadata.*is the broker up\?"):
        await asyncio.wait_for(log.append(Record(b"lost")), 5)


async def append_until_stored(log: PulsarTopicLog, record: Record) -> None:
    while True:
        try:
            await log.append(record)
        except TopicError:
            continue
        return
