"""Which calls may begin, and whose outcome is told, for calls that end in any order."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.concurrency.schedules import Slot, schedule_of
from pulsemill_instance.concurrency.settings import Order

KEYS = st.lists(st.integers(0, 3), max_size=30)
CHOICES = st.randoms(use_true_random=False)


def slot(number: int, key: int) -> Any:
    source: Any = None
    message: Any = number
    return Slot(source, message, key)


def run(order: Order, keys: list[int], choice: Random) -> tuple[list[Slot], int]:
    """The slots in the order in which they were told, and the most that ran at a time for one key."""
    schedule = schedule_of(order)
    waiting = [slot(number, key) for number, key in enumerate(keys)]
    running: list[Slot] = []
    told: list[Slot] = []
    most = 0
    while waiting or running:
        if waiting and (not running or choice.random() < 0.5):
            running += schedule.add(waiting.pop(0))
        else:
            ended, ripe = schedule.done(running.pop(choice.randrange(len(running))))
            told += ended
            running += ripe
        most = max([most, *([one.key for one in running].count(key) for key in set(keys))])
    return told, most


def numbers(slots: list[Slot]) -> list[Any]:
    return [one.message for one in slots]


@given(KEYS, CHOICES)
def test_input_order_tells_in_the_order_of_the_inputs(keys: list[int], choice: Random) -> None:
    told, _ = run(Order.INPUT, keys, choice)
    assert numbers(told) == list(range(len(keys)))


@given(KEYS, CHOICES)
def test_key_order_calls_for_one_message_of_a_key_at_a_time_in_its_order(keys: list[int], choice: Random) -> None:
    told, most = run(Order.KEY, keys, choice)
    assert sorted(numbers(told)) == list(range(len(keys)))
    assert most <= 1
    for key in set(keys):
        of_key = numbers([one for one in told if one.key == key])
        assert of_key == sorted(of_key)


@given(KEYS, CHOICES)
def test_without_order_every_call_is_told_once(keys: list[int], choice: Random) -> None:
    told, _ = run(Order.NONE, keys, choice)
    assert sorted(numbers(told)) == list(range(len(keys)))


def test_a_key_does_not_hold_up_another() -> None:
    schedule = schedule_of(Order.KEY)
    first, second, other = slot(0, 0), slot(1, 0), slot(2, 1)
    assert (schedule.add(first), schedule.add(second), schedule.add(other)) == ([first], [], [other])
    assert schedule.done(other) == ([other], [])
    assert schedule.done(first) == ([first], [second])
