"""What processors call in tests: a function, over outputs whose room the test decides about."""

import logging
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import attrs

from pulsemill_instance.consumers import Input
from pulsemill_instance.guarantees import AckPolicy
from pulsemill_instance.outcomes import Outcomes
from pulsemill_instance.processing import Call
from pulsemill_instance.stats import Stats
from pulsemill_instance.stopping import Overtime

NOTHING_DONE = AckPolicy(before_processing=False, after_output=False, negative_on_failure=False, fatal_on_failure=False)


@attrs.define(eq=False)
class Outputs:
    """Takes what is emitted while it has room."""

    room: int = 1000
    emitted: list[Any] = attrs.field(factory=list)
    on_emit: Callable[[], None] = lambda: None
    on_turn: Callable[[], None] = lambda: None

    @property
    def full(self) -> bool:
        return self.room == 0

    def emit(self, _source: Input, _message: Any, result: Any) -> None:
        assert self.room, "an output more than there is room for would block"
        self.on_emit()
        self.room -= 1
        self.emitted.append(result)

    def turn(self) -> None:
        """Nothing is confirmed by itself."""
        self.on_turn()

    def wait(self) -> None:
        """Neither is it here."""
        self.on_turn()


def call_of(process: Callable[..., Any], outputs: Outputs, stop: threading.Event | None = None) -> Call:
    """A call of a function that takes its input alone."""
    stats, emitter, services = Stats(), SimpleNamespace(outputs=outputs, emit=outputs.emit), SimpleNamespace()
    outcomes = Outcomes(NOTHING_DONE, stats, logging.getLogger("function"))
    return Call(process, False, services, stats, outcomes, emitter, Overtime(stop or threading.Event()))  # type: ignore[arg-type]  # fakes


def source_of(decode: Callable[[Any], Any] = lambda message: message) -> Input:
    """An input whose consumer nobody needs."""
    return Input("in", None, None, None, decode)
