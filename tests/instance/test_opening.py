"""Opening producers while the instance may be asked to stop."""

import threading
import time
from typing import Any

import pytest

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.opening import StoppedError, UntilStopped


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulsemill_instance.opening.GRACE_SECONDS", 0.05)


def test_it_gives_the_producer_or_the_reason_why_there_is_none(stop: threading.Event) -> None:
    producer: Any = object()
    names: list[str | None] = []

    def open_producer(name: str | None) -> Any:
        names.append(name)
        if name:
            raise InstanceError("terminated")
        return producer

    opening = UntilStopped(open_producer, stop)
    assert opening(None) is producer
    with pytest.raises(InstanceError, match="terminated"):
        opening("refused")
    assert names == [None, "refused"]


def test_a_request_to_stop_ends_the_wait_and_nothing_is_opened_from_then_on(stop: threading.Event) -> None:
    asked, leave = threading.Event(), threading.Event()
    names: list[str | None] = []

    def open_producer(name: str | None) -> Any:
        names.append(name)
        asked.set()
        leave.wait(30)

    def stop_soon() -> None:
        asked.wait(30)
        stop.set()

    opening = UntilStopped(open_producer, stop)
    threading.Thread(target=stop_soon, daemon=True).start()
    began = time.monotonic()
    with pytest.raises(StoppedError):
        opening("first")
    leave.set()
    with pytest.raises(StoppedError):
        opening("second")
    assert names == ["first"]
    assert time.monotonic() - began < 20


def test_one_that_is_quick_is_opened_after_a_request_to_stop_too(stop: threading.Event) -> None:
    stop.set()
    producer: Any = object()
    assert UntilStopped(lambda _: producer, stop)(None) is producer
