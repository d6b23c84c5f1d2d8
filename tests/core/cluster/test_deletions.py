"""Which deletions somebody has to look after again."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from pulsemill.cluster.deletions import GRACE_SECONDS, RECENT_SECONDS, Deletions
from pulsemill.cluster.metadata import FunctionMetaDataManager
from pulsemill.cluster.records import metadata_record
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

MakeFunction = Callable[..., FunctionMetaData]
NOW = 1_000_000.0


@attrs.define
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deletions(clock: Clock) -> Deletions:
    return Deletions(clock)


def test_a_deletion_is_due_when_whoever_ran_the_function_had_time(
    deletions: Deletions, clock: Clock, function: MakeFunction
) -> None:
    deletions.note(function(), None)
    assert deletions.due() == []
    clock.now += GRACE_SECONDS
    assert deletions.due() == [function()]
    clock.now = NOW + RECENT_SECONDS
    assert deletions.due() == []


def test_one_of_a_replay_is_as_old_as_its_message(deletions: Deletions, function: MakeFunction) -> None:
    deletions.note(function("old"), NOW - RECENT_SECONDS)
    deletions.note(function("recent"), NOW - RECENT_SECONDS + 1)
    assert deletions.due() == [function("recent")]


def test_a_settled_one_is_not_due(deletions: Deletions, function: MakeFunction) -> None:
    deletions.note(function(version=3), NOW - GRACE_SECONDS)
    deletions.settle(function(version=2))
    assert deletions.due() == [function(version=3)]
    deletions.settle(function(version=3))
    assert deletions.due() == []


def test_it_is_the_very_function_that_is_known_to_be_deleted(deletions: Deletions, function: MakeFunction) -> None:
    deletions.note(function(created=2), NOW - GRACE_SECONDS)
    assert deletions.knows(function(created=2))
    assert not deletions.knows(function(created=1))
    assert not deletions.knows(function("other", created=2))
    deletions.settle(function(created=1))
    assert deletions.due() == [function(created=2)]


@pytest.mark.parametrize("compacted", [False, True])
def test_the_metadata_topic_tells_what_was_deleted(log: Any, function: MakeFunction, *, compacted: bool) -> None:
    manager = FunctionMetaDataManager(log, "w1", compacted)
    for metadata, delete in ((function(version=1), False), (function(version=2), True)):
        record = metadata_record(metadata, delete=delete, worker_id="w1", compacted=compacted)
        manager.apply(attrs.evolve(record, written=manager.deletions.now() - GRACE_SECONDS))
    assert manager.deletions.due() == [function(version=1)]
