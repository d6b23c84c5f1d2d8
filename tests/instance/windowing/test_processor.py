"""Calling a function with windows."""

import threading
from typing import Any

import attrs
import pytest

from pulsemill_instance.windowing.processor import WindowProcessor
from pulsemill_instance.windowing.settings import WindowSettings
from pulsemill_instance.windowing.windows import Windows
from tests.instance.calls import Outputs, call_of, source_of


@attrs.define
class Clock:
    """Time stands at 0 until the test lets it come far."""

    time: int = 0

    def time_of(self, record: Any) -> int:
        return int(record.value)

    def now(self) -> int:
        return self.time


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


def processor_of(outputs: Outputs, stop: threading.Event, clock: Clock) -> WindowProcessor:
    settings = WindowSettings(length_ms=10, slide_ms=10)
    return WindowProcessor(call_of(list, outputs, stop), settings, Windows(settings), clock, None, None)


def test_of_many_windows_that_are_over_at_once_none_begins_after_a_request_to_stop(stop: threading.Event) -> None:
    outputs, clock = Outputs(), Clock()
    processor = processor_of(outputs, stop, clock)
    processor.process(source_of(), [5, 15, 25, 35])  # type: ignore[list-item]  # nobody looks at the messages
    clock.time = 1000
    outputs.on_emit = lambda: stop.set() if outputs.emitted else None
    processor.tick()
    processor.tick()
    assert outputs.emitted == [[5], [15]]


def test_an_output_that_finds_no_room_before_the_end_is_left(stop: threading.Event) -> None:
    outputs, clock = Outputs(room=0), Clock()
    processor = processor_of(outputs, stop, clock)
    processor.process(source_of(), [5])  # type: ignore[list-item]  # nobody looks at the message
    clock.time = 1000
    outputs.on_turn = stop.set
    processor.tick()
    assert outputs.emitted == []


def test_after_the_functions_return_no_call_is_running(stop: threading.Event) -> None:
    outputs, clock = Outputs(), Clock()
    processor = processor_of(outputs, stop, clock)
    calls: list[Any] = []
    processor.call.process = lambda values: calls.append(processor.oldest_call) or values
    outputs.on_emit = lambda: calls.append(processor.oldest_call)
    processor.process(source_of(), [5])  # type: ignore[list-item]  # nobody looks at the message
    clock.time = 1000
    processor.tick()
    during, after = calls
    assert during.thread == threading.get_ident()
    assert after is None
