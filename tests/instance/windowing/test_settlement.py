"""A message of several windows is settled once, after all of them."""

from typing import Any

import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.windowing.settlement import Record, Window, window_input


class Consumer:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def acknowledge(self, message: str) -> None:
        self.calls.append(f"ack {message}")

    def negative_acknowledge(self, message: str) -> None:
        self.calls.append(f"nack {message}")


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


@pytest.fixture
def record(consumer: Consumer) -> Record:
    message: Any = "m"
    return Record(Input("in", None, consumer, consumer, lambda _: None), message, "value")


def window(record: Record) -> Any:
    return Window((record,), None, 1)


def test_it_is_acknowledged_after_its_last_windows_output_is_stored(consumer: Consumer, record: Record) -> None:
    windows, first, second = window_input("windows"), window(record), window(record)
    windows.acknowledge(first)
    record.leave()
    assert consumer.calls == []
    windows.acknowledge(second)
    assert consumer.calls == ["ack m"]


def test_it_is_not_acknowledged_before_it_left_the_windows(consumer: Consumer, record: Record) -> None:
    window_input("windows").acknowledge(window(record))
    assert consumer.calls == []
    record.leave()
    assert consumer.calls == ["ack m"]


@pytest.fixture
def given_up(record: Record) -> list[Any]:
    given_up: list[Any] = []
    record.source.give_up = lambda _, message: given_up.append(message)
    return given_up


def test_it_is_given_up_if_the_function_failed_on_one_of_its_windows(
    consumer: Consumer, record: Record, given_up: list[Any]
) -> None:
    windows, first, second, third = window_input("windows"), window(record), window(record), window(record)
    windows.negative_acknowledge(first)
    windows.ask_again(second)
    record.leave()
    windows.acknowledge(third)
    assert (consumer.calls, given_up) == ([], ["m"])


def test_it_is_asked_for_again_if_the_output_of_one_of_its_windows_may_be_lost(
    consumer: Consumer, record: Record, given_up: list[Any]
) -> None:
    windows, first, second = window_input("windows"), window(record), window(record)
    windows.ask_again(first)
    record.leave()
    windows.acknowledge(second)
    assert (consumer.calls, given_up) == (["nack m"], [])


def test_one_that_was_in_no_window_is_acknowledged(consumer: Consumer, record: Record) -> None:
    record.leave()
    assert consumer.calls == ["ack m"]
