"""What takes a minute of the acceptance cases 10, 25 and 36: all start with the first case, and this file runs last."""

import pytest

from tests.cases.minute import Minute

pytestmark = pytest.mark.pulsar


def test_case_10_without_a_configured_delay_what_failed_comes_again_after_a_minute(minute: Minute) -> None:
    (message,) = minute.failing.consume(1)
    assert 50_000 <= message.publish_timestamp() - minute.failed_at_ms <= 90_000


def test_case_25_a_topic_that_is_made_later_is_found_by_its_pattern(minute: Minute) -> None:
    world = minute.pattern
    assert set(world.values(2)) == {
        f"{world.topic('in-early')} {world.topic('in.*')}",
        f"{world.topic('in-late')} {world.topic('in.*')}",
    }


def test_case_36_after_a_minute_the_minutes_figures_start_again(minute: Minute) -> None:
    (program,) = minute.metered.started
    minute.metered.until(lambda: program.ask("GetMetrics").receivedTotal_1min == 0)
    metrics = program.ask("GetMetrics")
    assert (metrics.receivedTotal, metrics.processedSuccessfullyTotal) == (7, 7)
    assert metrics.processedSuccessfullyTotal_1min == 0
    assert (program.sample("received_total"), program.sample("received_1min_total")) == (7, 0)
