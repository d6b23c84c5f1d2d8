"""Calls that take longer than they may."""

import asyncio
import queue
import threading
from typing import Any

import pytest

from pulsemill_instance.call_guard import CallGuard, call_timeout
from pulsemill_instance.errors import InstanceError


@pytest.mark.parametrize(("config", "seconds"), [({}, None), ({"pulsemill.callTimeoutSeconds": 2}, 2.0)])
def test_calls_may_take_as_long_as_they_like_unless_said_otherwise(config: dict[str, Any], seconds: Any) -> None:
    assert call_timeout(config) == seconds


@pytest.mark.parametrize("seconds", [0, -1, "5", True, float("nan")])
def test_a_time_that_cannot_be_is_refused(seconds: Any) -> None:
    with pytest.raises(InstanceError, match="must be a number above 0"):
        call_timeout({"pulsemill.callTimeoutSeconds": seconds})


def test_a_call_that_does_not_return_is_told_once_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    told: queue.Queue[str] = queue.Queue()
    leave = threading.Event()
    guard = CallGuard(0.01, told.put)

    def never_returning() -> None:
        leave.wait(30)

    threading.Thread(target=guard.wrap(never_returning, is_async=False), daemon=True).start()
    guard.start()
    assert told.get(timeout=20) == "The function did not return within 0.01 s (pulsemill.callTimeoutSeconds)"
    leave.set()
    assert "never_returning" in caplog.text
    assert told.empty()


def test_calls_that_return_or_raise_are_forgotten() -> None:
    guard = CallGuard(30, lambda _: None)

    async def fail_later() -> None:
        raise ValueError("later")

    with pytest.raises(ValueError, match="no number"):
        guard.wrap(lambda: int("no number"), is_async=False)()
    with pytest.raises(ValueError, match="later"):
        asyncio.run(guard.wrap(fail_later, is_async=True)())
    assert guard.wrap(lambda: 5, is_async=False)() == 5
    assert guard._running == {}
