"""When a broker that is there has forgotten a producer."""

import time
from typing import Any

import attrs
import pytest

from pulsemill_instance.patience import PATIENCE_SECONDS, RECONNECT_SECONDS, Patience
from tests.instance.producers import Producer

SOON, LATE = PATIENCE_SECONDS - 1, PATIENCE_SECONDS + 5
OLDEST_AT = 1000.0


@attrs.define
class Clock:
    """The test's own time; the oldest output was sent as it began."""

    producers: list[Any] = attrs.field(factory=lambda: [Producer(), Producer()])
    seconds: float = 0.0
    inputs_connected: bool = False
    patience: Patience = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.patience = Patience(lambda: self.inputs_connected)

    def is_over(self, waiting: int = 1) -> bool:
        return self.patience.is_over(OLDEST_AT, waiting, self.producers)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: OLDEST_AT + clock.seconds)
    return clock


def test_patience_ends_while_the_broker_is_there(clock: Clock) -> None:
    clock.seconds = SOON
    assert not clock.is_over()
    clock.seconds = LATE
    assert clock.is_over()


def test_an_absent_broker_has_all_the_time_it_needs(clock: Clock) -> None:
    clock.seconds, clock.producers[1].connected = 1000, False
    assert not clock.is_over()


def test_a_producer_that_the_client_does_not_connect_again_is_given_up(clock: Clock) -> None:
    clock.producers[1].connected, clock.inputs_connected = False, True
    clock.seconds = RECONNECT_SECONDS - 1
    assert not clock.is_over()
    clock.seconds = RECONNECT_SECONDS + 1
    assert clock.is_over()


def test_a_producer_that_was_away_with_its_inputs_has_time_to_come_back_after_them(clock: Clock) -> None:
    clock.producers[1].connected, clock.seconds = False, 1000
    assert not clock.is_over()
    clock.inputs_connected, clock.seconds = True, 1000 + RECONNECT_SECONDS - 1
    assert not clock.is_over()
    clock.seconds = 1000 + RECONNECT_SECONDS + 1
    assert clock.is_over()


def test_a_broker_that_is_back_has_as_long_as_it_had_at_first(clock: Clock) -> None:
    clock.seconds, clock.producers[1].connected = 1000, False
    assert not clock.is_over()
    clock.seconds, clock.producers[1].connected = 1000 + SOON, True
    assert not clock.is_over()
    clock.seconds = 1000 + LATE
    assert clock.is_over()


def test_many_outputs_may_be_slow(clock: Clock) -> None:
    clock.seconds = LATE
    assert not clock.is_over(waiting=1000)
    clock.seconds += 100
    assert clock.is_over(waiting=1000)
