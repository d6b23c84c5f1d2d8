"""Turns of engines in one process."""

import threading

import pytest

from pulsemill_instance import turns
from pulsemill_instance.turns import Turn


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others wait as long as a test may."""
    monkeypatch.setattr(turns, "WAIT_SECONDS", 30.0)


@pytest.mark.usefixtures("patience")
def test_a_turn_begins_when_the_other_ends() -> None:
    first, order = Turn(), []

    def take() -> None:
        second = Turn()
        second.begin()
        order.append("second")
        second.end()

    first.begin()
    other = threading.Thread(target=take)
    other.start()
    order.append("first")
    first.end()
    other.join(30)
    assert order == ["first", "second"]


def test_who_waited_long_goes_on_and_leaves_the_turn_to_its_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.01)
    holder, impatient = Turn(), Turn()
    holder.begin()
    impatient.begin()
    impatient.end()
    third = Turn()
    third.begin()
    assert not third._held
    holder.end()


def test_a_turn_may_begin_and_end_twice() -> None:
    turn, other = Turn(), Turn()
    turn.begin()
    turn.begin()
    turn.end()
    turn.end()
    other.begin()
    assert other._held
    other.end()
