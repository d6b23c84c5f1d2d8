import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.stats import LATEST_EXCEPTIONS, ExceptionLog, Stats
from pulsemill_instance.status import function_status, metrics_data


class Clock:
    """A monotonic clock that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def test_one_minute_figures_start_anew_and_totals_stay(clock: Clock) -> None:
    stats = Stats()
    stats.totals.received = 7
    assert stats.snapshot().last_minute.received == 7
    clock.now += 60
    stats.tick()
    stats.totals.received += 2
    snapshot = stats.snapshot()
    assert (snapshot.totals.received, snapshot.last_minute.received) == (9, 2)


def test_a_reader_sees_a_finished_minute_end_although_the_loop_is_stuck(clock: Clock) -> None:
    stats = Stats()
    stats.totals.received = 7
    clock.now += 61
    assert stats.snapshot().last_minute.received == 0


def test_reset_zeroes_one_minute_figures_and_user_metrics_only() -> None:
    stats = Stats()
    stats.totals.processed = 3
    stats.record_metric("m", 2.5)
    stats.reset()
    data = metrics_data(stats.snapshot())
    assert (data.processedSuccessfullyTotal, data.processedSuccessfullyTotal_1min) == (3, 0)
    assert dict(data.userMetrics) == {}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(-1000, 1000))))
def test_user_metrics_are_sums_and_counts(values: list[tuple[str, int]]) -> None:
    stats = Stats()
    for name, value in values:
        stats.record_metric(name, value)
    metrics = dict(metrics_data(stats.snapshot()).userMetrics)
    for name in {name for name, _ in values}:
        mine = [value for key, value in values if key == name]
        assert metrics[f"user_metric_{name}_sum"] == sum(mine)
        assert metrics[f"user_metric_{name}_count"] == len(mine)


def test_a_snapshot_does_not_change_afterwards() -> None:
    stats = Stats()
    before = stats.snapshot()
    stats.totals.received += 1
    stats.user_exception("text", "message")
    assert before.totals.received == 0
    assert before.user_exceptions == ()


@given(st.lists(st.text(max_size=5)))
def test_the_latest_exceptions_are_kept(messages: list[str]) -> None:
    log = ExceptionLog()
    for message in messages:
        log.add(f"text of {message}", message, 1.5)
    assert [record.message for record in log.latest] == messages[-LATEST_EXCEPTIONS:]


def test_error_labels_grow_slowly_and_stay_bounded() -> None:
    log = ExceptionLog()
    for number in range(10_000):
        log.add("text", f"{number:05}" + "x" * 500, now=1_000_000 + number * 6)
    assert len(log.labels) == log.LABELS
    assert {len(label) for label in log.labels} == {log.LABEL_LENGTH}
    new = ExceptionLog()
    for number in range(100):
        new.add("text", str(number), now=1_000_000)
    assert list(new.labels) == ["0", "1", "2", "3", "4"]


def test_status_shows_why_an_instance_ended() -> None:
    stats = Stats()
    stats.system_exception("whole text", "message", count=3)
    status = function_status(stats.snapshot(), 4, failure="it broke")
    assert (status.running, status.failureException, status.instanceId) == (False, "it broke", "4")
    assert status.numSystemExceptions == 3
    assert [e.exceptionString for e in status.latestSystemExceptions] == ["whole text"]


GRPC_BYTES = 4 * 2**20


def test_the_largest_status_fits_into_an_answer() -> None:
    stats = Stats()
    for _ in range(LATEST_EXCEPTIONS):
        stats.user_exception("\U0001f600" * 450_000, "x" * 450_000)
        stats.system_exception("\ud83d" * 450_000, "x" * 450_000)
    assert function_status(stats.snapshot(), 0).ByteSize() < GRPC_BYTES / 2, "there is more in it"


def test_a_half_character_in_an_exception_harms_nobody() -> None:
    stats = Stats()
    stats.user_exception("ValueError: unknown \ud83d", "unknown \ud83d")
    (told,) = function_status(stats.snapshot(), 0).latestUserExceptions
    assert told.exceptionString == "ValueError: unknown \\ud83d"
    assert stats.snapshot().user_error_labels == ("unknown \\ud83d",)
