import threading
import time

import pytest

from pulsemill_instance.backstop import Backstop
from pulsemill_instance.watchdog import BACKSTOP_SECONDS, HealthWatchdog

INTERVAL = 0.05


class Recorded(Backstop):
    """Keeps the times it was set to instead of setting them."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def _arm(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Silence:
    """What the watchdog calls."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.came = threading.Event()

    def __call__(self, reason: str) -> None:
        self.reason = reason
        self.came.set()


def test_three_intervals_without_a_check_are_silence() -> None:
    silence = Silence()
    began = time.monotonic()
    HealthWatchdog(INTERVAL, silence, Recorded()).start()
    assert silence.came.wait(5)
    assert time.monotonic() - began >= 3 * INTERVAL
    assert silence.reason == "No HealthCheck from the worker for 0.15 s, it is gone"


def test_checks_put_it_off() -> None:
    silence = Silence()
    watchdog = HealthWatchdog(INTERVAL, silence, Recorded())
    watchdog.start()
    for _ in range(8):
        assert not silence.came.wait(INTERVAL)
        watchdog.check()
    assert silence.came.wait(5)


@pytest.mark.parametrize("interval", [0, -1])
def test_without_an_interval_nobody_watches(interval: float) -> None:
    backstop, threads = Recorded(), threading.active_count()
    watchdog = HealthWatchdog(interval, Silence(), backstop)
    watchdog.start()
    watchdog.check()
    assert (threading.active_count(), backstop.seconds) == (threads, [])


def test_a_stopped_watchdog_is_quiet() -> None:
    silence, backstop = Silence(), Recorded()
    watchdog = HealthWatchdog(INTERVAL, silence, backstop)
    watchdog.start()
    watchdog.stop()
    watchdog.check()
    assert not silence.came.wait(5 * INTERVAL)
    assert backstop.seconds == [pytest.approx(3 * INTERVAL + BACKSTOP_SECONDS)]


def test_a_shutdowns_time_cannot_be_put_off_by_a_check() -> None:
    backstop = Recorded()
    backstop.set(9)
    backstop.set_finally(4)
    backstop.set(9)
    assert backstop.seconds == [9, 4]
