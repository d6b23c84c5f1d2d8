"""What a leader does from time to time."""

import asyncio

import pytest

from pulsemill.cluster.duties import Duty, LeaderDuties
from pulsemill.errors import PulsemillError


class Work:
    """Fails a few times, and tells when it was done."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.done = asyncio.Event()

    async def __call__(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.done.set()


async def test_a_duty_is_done_again_after_failures(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(PulsemillError("no broker"), OSError("odd"))
    duties = LeaderDuties([Duty("probe", 0.001, work)])
    duties.start()
    await work.done.wait()
    await duties.stop()
    assert "probe: no broker" in caplog.text
    assert "probe failed unexpectedly" in caplog.text


async def test_a_period_of_nothing_means_never() -> None:
    off, on = Work(), Work()
    duties = LeaderDuties([Duty("off", 0, off), Duty("never", -1, off), Duty("on", 0.001, on)])
    duties.start()
    await on.done.wait()
    await duties.stop()
    assert not off.done.is_set()


async def test_nothing_is_done_after_the_end() -> None:
    work = Work()
    duties = LeaderDuties([Duty("probe", 0.001, work)])
    duties.start()
    await duties.stop()
    await duties.stop()
    assert len(asyncio.all_tasks()) == 1
