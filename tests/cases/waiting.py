"""How the cases wait: until something is true, at most as long as a program that does it needs."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 60.0
_ASK_SECONDS = 0.02


def until(question: Callable[[], Answer], seconds: float = PATIENCE_SECONDS, what: object = "") -> Answer:
    """The first answer that is true; AssertionError with the last one when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"{what or 'it'} did not come true in {seconds:g} s: {answer!r}"
        time.sleep(_ASK_SECONDS)
    return answer
