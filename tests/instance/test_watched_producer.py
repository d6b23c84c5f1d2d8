"""When a producer that has the client's timeout is of no use any more."""

import time
from typing import Any

import attrs
import pulsar
import pytest

from pulsemill_instance.patience import RECONNECT_SECONDS
from pulsemill_instance.watched_producer import WatchedProducer
from tests.instance.producers import Producer

TIMEOUT = pulsar.Result.Timeout


@attrs.define
class Clock:
    """The test's own time."""

    seconds: float = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.seconds)
    return clock


@pytest.mark.parametrize(
    ("connected", "result", "forgotten"),
    [(True, TIMEOUT, True), (False, TIMEOUT, False), (True, pulsar.Result.TopicTerminated, False)],
)
def test_a_message_that_timed_out_tells_of_a_connected_producer_at_once(
    connected: bool, result: Any, forgotten: bool
) -> None:
    watched = WatchedProducer(Producer(connected))
    watched.heard(result)
    assert watched.is_forgotten() == forgotten


def test_a_timeout_tells_once() -> None:
    watched = WatchedProducer(Producer(connected=True))
    watched.heard(TIMEOUT)
    assert [watched.is_forgotten(), watched.is_forgotten()] == [True, False]


def test_a_producer_that_the_client_does_not_connect_again_has_its_time(clock: Clock) -> None:
    watched = WatchedProducer(Producer(connected=False))
    watched.heard(TIMEOUT)
    clock.seconds += RECONNECT_SECONDS - 1
    watched.heard(TIMEOUT)
    assert not watched.is_forgotten()
    clock.seconds += 2
    watched.heard(TIMEOUT)
    assert watched.is_forgotten()


def test_that_time_begins_anew_with_each_message_that_is_stored(clock: Clock) -> None:
    watched = WatchedProducer(Producer(connected=False))
    watched.heard(TIMEOUT)
    watched.heard(pulsar.Result.Ok)
    clock.seconds += RECONNECT_SECONDS + 1
    watched.heard(TIMEOUT)
    assert not watched.is_forgotten()


def test_a_producer_that_has_lost_its_connection_can_be_closed() -> None:
    class Lost(Producer):
        def close(self) -> None:
            raise pulsar.AlreadyClosed("closed")

    WatchedProducer(Lost()).close()
