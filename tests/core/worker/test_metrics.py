"""The worker's own metrics."""

import math

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pulsemill.worker.metrics import WINDOW, Times, WorkerMetrics


def test_names_types_and_label_are_upstreams() -> None:
    metrics = WorkerMetrics("standalone", instance_count=lambda: 3)
    families = {family.name: family for family in text_string_to_metric_families(metrics.exposition())}
    assert {name: family.type for name, family in families.items()} == {
        "pulsar_function_worker_instance_count": "gauge",
        "pulsar_function_worker_start_up_time_ms": "summary",
        "pulsar_function_worker_schedule_execution_time_total_ms": "summary",
        "pulsar_function_worker_schedule_strategy_execution_time_ms": "summary",
        "pulsar_function_worker_rebalance_execution_time_total_ms": "summary",
        "pulsar_function_worker_rebalance_strategy_execution_time_ms": "summary",
        "pulsar_function_worker_drain_execution_time_total_ms": "summary",
        "pulsar_function_worker_start_instance_process_time_ms": "summary",
        "pulsar_function_worker_stop_instance_process_time_ms": "summary",
    }
    [count] = families["pulsar_function_worker_instance_count"].samples
    assert (count.labels, count.value) == ({"cluster": "standalone"}, 3)


def test_a_leader_shows_its_gauges() -> None:
    metrics = WorkerMetrics("standalone", leader_gauges=lambda: {"is_leader": 1, "total_function_count": 2})
    assert 'pulsar_function_worker_is_leader{cluster="standalone"} 1.0' in metrics.exposition()
    assert 'pulsar_function_worker_total_function_count{cluster="standalone"} 2.0' in metrics.exposition()


def test_times_have_count_sum_and_quantiles() -> None:
    metrics = WorkerMetrics("standalone")
    for value in range(1, 11):
        metrics.schedule.observe(value)
    text = metrics.exposition()
    prefix = "pulsar_function_worker_schedule_execution_time_total_ms"
    assert f'{prefix}{{cluster="standalone",quantile="0.5"}} 5.0' in text
    assert f'{prefix}{{cluster="standalone",quantile="1.0"}} 10.0' in text
    assert f'{prefix}_count{{cluster="standalone"}} 10.0' in text
    assert f'{prefix}_sum{{cluster="standalone"}} 55.0' in text


def test_the_start_up_has_no_quantiles() -> None:
    metrics = WorkerMetrics("standalone")
    metrics.start_up.observe(5)
    assert 'pulsar_function_worker_start_up_time_ms_sum{cluster="standalone"} 5.0' in metrics.exposition()
    assert "start_up_time_ms{" not in metrics.exposition()


def test_quantiles_are_of_the_recent_past() -> None:
    times = Times()
    for value in [1000.0] + [1.0] * WINDOW:
        times.observe(value)
    assert times.quantile(1.0) == 1.0
    assert times.total == 1000.0 + WINDOW


def test_there_are_no_quantiles_of_nothing() -> None:
    assert math.isnan(Times().quantile(0.5))


def test_what_fails_is_measured_too() -> None:
    times = Times()

    def fail() -> None:
        with times.measure():
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert times.count == 1
