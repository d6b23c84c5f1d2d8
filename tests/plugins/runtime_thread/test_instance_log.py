import logging

import pytest

from pulsemill.names import FunctionName, InstanceName
from pulsemill_runtime_thread.instance_log import FloodFilter, instance_logger

NAME = InstanceName(FunctionName("t", "n", "f"), 0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def pass_through(flood: FloodFilter, count: int) -> list[str]:
    records = [logging.LogRecord("x", logging.INFO, "x", 1, "said %d", (number,), None) for number in range(count)]
    return [record.getMessage() for record in records if flood.filter(record)]


def test_a_second_lets_only_so_many_through_and_the_next_says_how_many_not(clock: Clock) -> None:
    flood = FloodFilter(3)
    assert pass_through(flood, 10) == ["said 0", "said 1", "said 2"]
    clock.now = 1.5
    dropped = " [7 records before this were dropped: too many per second]"
    assert pass_through(flood, 2) == [f"said 0{dropped}", "said 1"]
    clock.now = 2.5
    assert pass_through(flood, 1) == ["said 0"]


def test_records_reach_the_workers_log_as_its_level_says(caplog: pytest.LogCaptureFixture) -> None:
    logger = instance_logger(NAME)
    with caplog.at_level(logging.WARNING, "pulsemill.functions"):
        logger.info("quiet")
        logger.warning("loud")
    assert [(record.name, record.message) for record in caplog.records] == [("pulsemill.functions.t/n/f:0", "loud")]


def test_loggers_are_not_kept_by_the_process() -> None:
    logger = instance_logger(NAME)
    assert logger.name not in logging.Logger.manager.loggerDict
