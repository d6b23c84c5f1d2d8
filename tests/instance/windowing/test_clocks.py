"""The times of messages, and what is too late."""

from typing import Any

from pulsemill_instance.consumers import Input
from pulsemill_instance.windowing.processor import ArrivalClock, EventClock
from pulsemill_instance.windowing.settings import WindowSettings
from pulsemill_instance.windowing.settlement import Record
from pulsemill_instance.windowing.watermarks import Watermarks
from pulsemill_instance.windowing.windows import Windows


class Message:
    def topic_name(self) -> str:
        return "in"


def record(value: int) -> Record:
    consumer: Any = None
    message: Any = Message()
    return Record(Input("in", None, consumer, consumer, lambda _: None), message, value)


def event_clock(times: list[int]) -> tuple[EventClock, Windows[Record]]:
    windows: Windows[Record] = Windows(WindowSettings(length_ms=10, slide_ms=10))
    clock = EventClock(lambda value, _: int(value), Watermarks(["in"], 0), windows, 100, read=lambda: times.pop(0))
    return clock, windows


def test_a_message_that_arrives_is_later_than_any_window_that_ended() -> None:
    clock = ArrivalClock(read=lambda: 5)
    assert clock.time_of(record(1)) == 5
    assert clock.now() == 5
    assert clock.time_of(record(2)) == 6
    assert clock.now() == 6


def test_a_clock_that_is_set_back_does_not_go_back() -> None:
    times = [9, 3, 3]
    clock = ArrivalClock(read=lambda: times.pop(0))
    assert clock.now() == 9
    assert clock.now() == 9
    assert clock.time_of(record(1)) == 10


def test_the_watermark_is_looked_at_once_per_interval() -> None:
    clock, _ = event_clock([0, 50, 100])
    assert clock.time_of(record(7)) == 7
    assert clock.now() == 7
    assert clock.time_of(record(30)) == 30
    assert clock.now() == 7
    assert clock.now() == 30


def test_what_is_before_the_watermark_is_late_and_what_is_at_it_only_if_its_window_has_ended() -> None:
    clock, windows = event_clock([0])
    clock.time_of(record(20))
    assert clock.now() == 20
    assert clock.time_of(record(19)) is None
    assert clock.time_of(record(20)) == 20
    windows.add(15, record(15))
    assert [fired.end for fired in windows.advance(20)] == [20]
    assert clock.time_of(record(20)) is None
