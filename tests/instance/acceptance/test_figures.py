"""Acceptance cases 34 and 36: metrics of the instance and of the function."""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.embedded


def test_case_34_user_metrics_are_summed_counted_and_reset(harness: Any, until: Any) -> None:
    def record(value: Any, context: Any) -> None:
        context.record_metric("m", 2.5)

    harness.produce(*(b"x",) * 7)
    running = harness.start(record)
    until(lambda: running.status.numSuccessfullyProcessed == 7)
    assert re.search(r'pulsar_function_user_metric_sum\{.*metric="m".*\} 17.5', running.instance.prometheus_metrics())
    first, second = running.instance.get_and_reset_metrics(), running.instance.get_metrics()
    assert dict(first.userMetrics) == {"user_metric_m_sum": 17.5, "user_metric_m_count": 7}
    assert dict(second.userMetrics) == {}
    assert (first.receivedTotal_1min, second.receivedTotal_1min) == (7, 0)


def test_case_36_figures_of_grpc_and_scrape_agree(harness: Any, until: Any) -> None:
    harness.produce(*(b"x",) * 7)
    running = harness.start(lambda value: value, kind="native")
    until(lambda: running.instance.get_metrics().processedSuccessfullyTotal == 7)
    metrics, text = running.instance.get_metrics(), running.instance.prometheus_metrics()
    assert (metrics.receivedTotal, metrics.receivedTotal_1min, metrics.processedSuccessfullyTotal_1min) == (7, 7, 7)
    assert metrics.avgProcessLatency > 0
    assert metrics.lastInvocation > 1_600_000_000_000
    for name in ("received_total", "processed_successfully_total", "received_1min_total", "process_latency_ms_count"):
        assert re.search(rf"^pulsar_function_{name}\{{.*\}} 7\.0$", text, re.MULTILINE), name
