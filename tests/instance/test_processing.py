"""One call after the other, in the engine's thread."""

import threading
from types import SimpleNamespace
from typing import Any

from pulsemill_instance.processing import SyncProcessor
from tests.instance.calls import Outputs, call_of, source_of


def test_what_follows_the_functions_return_is_no_call_of_it() -> None:
    outputs = Outputs()
    running: list[Any] = []
    processor = SyncProcessor(call_of(lambda value: running.append(processor.oldest_call) or value, outputs))
    outputs.on_emit = lambda: running.append(processor.oldest_call)
    processor.process(source_of(), [1])  # type: ignore[list-item]  # nobody looks at the message
    during, after = running
    assert during.thread == threading.get_ident()
    assert after is None


def test_a_failure_is_told_outside_of_the_call() -> None:
    failed: list[Any] = []
    call = call_of(int, Outputs())
    processor = SyncProcessor(call)
    call.outcomes.logger = SimpleNamespace(error=lambda *_, **__: failed.append(processor.oldest_call))  # type: ignore[assignment]
    processor.process(source_of(), ["no number"])  # type: ignore[list-item]  # nobody looks at the message
    assert failed == [None]


def test_nothing_is_sent_that_finds_no_room_after_a_request_to_stop() -> None:
    outputs, stop = Outputs(room=1), threading.Event()
    outputs.on_emit = stop.set
    processor = SyncProcessor(call_of(str, outputs, stop))
    processor.process(source_of(), [1, 2])  # type: ignore[list-item]  # nobody looks at the message
    assert outputs.emitted == ["1"]
