"""Reading a topic into memory."""

import logging
from typing import Any

import pytest

from pulsemill.cluster.records import OtherFormatError, Record, RecordError
from pulsemill.cluster.tailer import TopicTailer
from pulsemill.errors import ConfigurationError


def refuse_poison(applied: list[bytes], record: Record) -> None:
    if record.payload == b"poison":
        raise RecordError("not a record")
    if record.payload == b"other":
        raise OtherFormatError("set it right")
    applied.append(record.payload)


@pytest.fixture
def applied() -> list[bytes]:
    return []


@pytest.fixture
def tailer(log: Any, applied: list[bytes]) -> TopicTailer:
    return TopicTailer(log, lambda record: refuse_poison(applied, record))


async def test_reads_on_from_where_it_was(log: Any, tailer: TopicTailer, applied: list[bytes]) -> None:
    log.records += [Record(b"a"), Record(b"b")]
    await tailer.read_to_end()
    log.records.append(Record(b"c"))
    await tailer.read_to_end()
    assert applied == [b"a", b"b", b"c"]


async def test_names_poison_and_goes_on(
    log: Any, tailer: TopicTailer, applied: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    log.records += [Record(b"a"), Record(b"poison"), Record(b"b")]
    with caplog.at_level(logging.ERROR):
        await tailer.read_to_end()
    assert applied == [b"a", b"b"]
    assert "skipping message 1 of persistent://public/functions/fake: not a record" in caplog.text


async def test_a_topic_in_another_format_is_not_read(log: Any, tailer: TopicTailer) -> None:
    log.records += [Record(b"other"), Record(b"a")]
    refusal = "message 0 of persistent://public/functions/fake does not fit: set it right"
    with pytest.raises(ConfigurationError, match=refusal):
        await tailer.read_to_end()


async def test_what_came_in_another_format_while_following_is_told_once_and_refused_later(
    log: Any, tailer: TopicTailer, applied: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    tailer.follow()
    await log.following.wait()
    for position, payload in enumerate([b"other", b"a", b"other"]):
        log.followers[0](Record(payload), position)
    await tailer.stop()
    assert applied == [b"a"]
    assert caplog.text.count("does not fit") == 1
    with pytest.raises(ConfigurationError, match="message 0 of"):
        await tailer.read_to_end()


async def test_follows_from_where_it_was_until_it_is_stopped(
    log: Any, tailer: TopicTailer, applied: list[bytes]
) -> None:
    tailer.follow()
    await tailer.stop()
    await tailer.stop()
    tailer.follow()
    await log.following.wait()
    log.followers[0](Record(b"later"), 7)
    assert applied == [b"later"]
    assert tailer.position == 7
    await tailer.stop()
