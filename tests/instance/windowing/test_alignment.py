"""Inputs that wait for those that are behind in event time."""

from typing import Any

import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.windowing.alignment import Alignment
from pulsemill_instance.windowing.watermarks import Watermarks

MOST = 3


def make(topic: str) -> Input:
    consumer: Any = None
    return Input(topic, None, consumer, consumer, lambda _: None)


class Inputs:
    def __init__(self) -> None:
        self.a, self.b = make("a"), make("b")
        self.watermarks = Watermarks(["a", "b"], 0)
        self.alignment = Alignment(self.watermarks, MOST)

    def give(self, source: Input, *times: int) -> None:
        for time in times:
            self.watermarks.track(source.topic, source.topic, time)
            self.alignment.entered(source)
        self.alignment.apply()

    @property
    def held_back(self) -> list[str]:
        return [source.topic for source in (self.a, self.b) if source.is_held_back]


def test_an_input_is_read_while_little_of_it_waits() -> None:
    inputs = Inputs()
    inputs.give(inputs.a, 1, 2)
    assert inputs.held_back == []


def test_an_input_with_much_waiting_is_held_back_while_another_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    inputs = Inputs()
    inputs.give(inputs.a, 1, 2, 3)
    inputs.give(inputs.a)
    assert inputs.held_back == ["a"]
    assert [record.message for record in caplog.records] == [
        "3 messages of a wait for inputs that are behind in event time: it is not read until they come"
    ]


def test_an_input_goes_on_when_it_is_the_slowest() -> None:
    inputs = Inputs()
    inputs.give(inputs.a, 1, 2, 3)
    inputs.give(inputs.b, 2)
    assert inputs.held_back == ["a"]
    inputs.give(inputs.b, 4)
    assert inputs.held_back == []


def test_an_input_goes_on_when_its_messages_have_left() -> None:
    inputs = Inputs()
    inputs.give(inputs.b, 1)
    inputs.give(inputs.a, 5, 6, 7)
    assert inputs.held_back == ["a"]
    inputs.alignment.left(inputs.a)
    inputs.alignment.apply()
    assert inputs.held_back == []


def test_inputs_that_are_equally_far_are_never_all_held_back() -> None:
    inputs = Inputs()
    inputs.give(inputs.a, 5, 5, 5)
    inputs.give(inputs.b, 5, 5, 5)
    assert len(inputs.held_back) < 2
