"""Calls that take longer than they may."""

import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from pulsemill_instance.call_guard import CallGuard, RunningCall, call_timeout
from pulsemill_instance.errors import InstanceError


@attrs.define
class Calling:
    """Something with a call that runs, or without one."""

    oldest_call: RunningCall | None = None


@pytest.fixture
def blocked_thread() -> Iterator[int]:
    leave = threading.Event()

    def never_returning() -> None:
        leave.wait(30)

    thread = threading.Thread(target=never_returning, daemon=True)
    thread.start()
    assert thread.ident
    yield thread.ident
    leave.set()
    thread.join(30)


def since(seconds: float, thread: int = 0) -> Calling:
    return Calling(RunningCall(time.perf_counter() - seconds, thread))


def caller(seconds: float | None) -> Calling:
    return Calling() if seconds is None else since(seconds)


@pytest.mark.parametrize(
    ("config", "seconds"),
    [({}, 3600.0), ({"pulsemill.callTimeoutSeconds": 2}, 2.0), ({"pulsemill.callTimeoutSeconds": 0}, None)],
)
def test_calls_may_take_an_hour_unless_said_otherwise(config: dict[str, Any], seconds: Any) -> None:
    assert call_timeout(config) == seconds


@pytest.mark.parametrize("seconds", [None, -1, "5", True, float("nan")])
def test_a_time_that_cannot_be_is_refused(seconds: Any) -> None:
    with pytest.raises(InstanceError, match="must be a number of seconds, or 0 for no limit"):
        call_timeout({"pulsemill.callTimeoutSeconds": seconds})


@pytest.mark.parametrize(
    ("running", "seconds", "is_blocked"),
    [(61, 60, True), (10, 60, False), (None, 60, False), (1e9, None, False)],
    ids=["too-long", "in-time", "no-call", "no-limit"],
)
def test_a_call_is_blocked_when_it_takes_longer_than_it_may(running: Any, seconds: Any, is_blocked: bool) -> None:
    assert CallGuard(caller(running), seconds, lambda _: None).is_blocked == is_blocked


@pytest.mark.parametrize(
    ("running", "seconds", "complaint"),
    [
        (30, 100, None),
        (None, 100, None),
        (70.2, 100, "The function has not returned for 70 s; after 100 s the instance is started again"),
        (70.2, None, "The function has not returned for 70 s; no limit is set"),
    ],
)
def test_there_is_a_complaint_about_a_call_of_more_than_a_minute(running: Any, seconds: Any, complaint: Any) -> None:
    said = CallGuard(caller(running), seconds, lambda _: None).complaint()
    assert said == (complaint and f"{complaint} (pulsemill.callTimeoutSeconds in userConfig)")


def test_a_blocked_call_is_told_with_its_place(caplog: pytest.LogCaptureFixture, blocked_thread: int) -> None:
    told: queue.Queue[str] = queue.Queue()
    CallGuard(since(5, blocked_thread), 2, told.put).give_up()
    assert told.get_nowait() == "The function did not return within 2 s (pulsemill.callTimeoutSeconds)"
    assert "never_returning" in caplog.text


def test_a_call_whose_thread_has_ended_is_told_too() -> None:
    told: queue.Queue[str] = queue.Queue()
    CallGuard(since(5), 2, told.put).give_up()
    assert told.get_nowait().startswith("The function did not return")
