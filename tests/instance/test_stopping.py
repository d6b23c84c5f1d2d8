"""How long an instance goes on after a request to stop."""

import threading

import attrs

from pulsemill_instance.stopping import OVERTIME_SECONDS, Overtime


@attrs.define
class Input:
    owed: bool


@attrs.define
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def overtime(clock: Clock, *, stopped: bool = True) -> Overtime:
    stop = threading.Event()
    if stopped:
        stop.set()
    return Overtime(stop, clock)


def test_nothing_is_over_before_the_request() -> None:
    assert not overtime(Clock(), stopped=False).is_over(Input(owed=False))


def test_an_input_that_owes_nothing_is_over_at_once() -> None:
    assert overtime(Clock()).is_over(Input(owed=False))


def test_what_is_acknowledged_already_has_a_while() -> None:
    clock = Clock(seconds=100)
    over = overtime(clock)
    assert not over.is_over(Input(owed=True))
    clock.seconds += OVERTIME_SECONDS - 0.01
    assert not over.is_over(Input(owed=True))
    clock.seconds += 0.02
    assert over.is_over(Input(owed=True))


def test_all_that_follows_shares_the_time_since_the_request() -> None:
    clock = Clock(seconds=100)
    over = overtime(clock)
    assert over.left(3) == 3
    over.is_over(Input(owed=True))
    clock.seconds += 1
    assert over.left(3) == 2
    clock.seconds += 5
    assert over.left(3) == 0
