"""What a run prints is bounded and cannot steer a terminal."""

import io

import pytest

from pulsemill.quickstart import display
from pulsemill.quickstart.display import Display, shorten


def test_the_first_outputs_of_each_function_are_shown_and_then_no_more() -> None:
    out = io.StringIO()
    shown = Display(out, io.StringIO(), shown=2)
    for number in range(100):
        shown.output("a", f"out {number}")
    shown.output("b", "other")

    lines = [line.split(" | ") for line in out.getvalue().splitlines()]
    assert [text for _, text in lines] == ["out 0", "out 1", "... (more, not shown)", "other"]
    assert [name.strip() for name, _ in lines] == ["a", "a", "a", "b"]


def test_progress_is_told_from_time_to_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(display.time, "monotonic", lambda: now[0])
    err = io.StringIO()
    shown = Display(io.StringIO(), err)
    for now[0] in (0.0, 1.0, 2.0, 2.5, 3.9, 4.0):
        shown.progress(1, 2, 6)

    assert err.getvalue() == "... 1 lines sent, 2 of 6 outputs received\n" * 2


def test_long_and_unprintable_outputs_are_tamed() -> None:
    assert shorten("a\x1b[31m\nb", 20) == "a [31m b"
    assert shorten("x" * 50, 10) == "x" * 9 + "…"
