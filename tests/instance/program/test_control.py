"""Acceptance case 36: the control service and the metrics endpoint tell the same, with upstream's names."""

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

NAMES = {
    *(f"{name}_total" for name in ("received", "processed_successfully", "system_exceptions", "user_exceptions")),
    *(f"{name}_1min_total" for name in ("received", "processed_successfully", "system_exceptions", "user_exceptions")),
    *(f"process_latency_ms{window}_{part}" for window in ("", "_1min") for part in ("count", "sum")),
    "last_invocation",
    "user_metric_count",
    "user_metric_sum",
}
METERED = """
import prometheus_client
OWN = prometheus_client.Counter("own", "The function's own.")
class Meter:
    def process(self, x, context):
        context.record_metric("m", 2.5)
        OWN.inc()
        return x
"""


@pytest.fixture
def metered(launcher: Any, harness: Any, until: Callable[..., Any]) -> Any:
    """A program that has processed seven messages."""
    program = launcher.start(harness.details(className="exclaim.Meter"), launcher.write(METERED))
    harness.produce(*[b"x"] * 7)
    harness.consume(7)
    until(lambda: program.ask("GetMetrics").processedSuccessfullyTotal == 7)
    return program


def test_counters_agree(metered: Any) -> None:
    metrics, status = metered.ask("GetMetrics"), metered.ask("GetFunctionStatus")
    assert (metrics.receivedTotal, metrics.receivedTotal_1min, metrics.processedSuccessfullyTotal_1min) == (7, 7, 7)
    assert (status.running, status.numReceived, status.numSuccessfullyProcessed, status.instanceId) == (True, 7, 7, "0")
    assert metrics.userMetrics["user_metric_m_sum"] == 17.5
    scraped = metered.scrape()
    assert re.search(r"^pulsar_function_received_total\{.*\} 7\.0$", scraped, re.MULTILINE)


def test_the_librarys_metrics_and_those_that_a_function_makes_with_it_are_there(metered: Any) -> None:
    scraped = metered.scrape()
    assert "python_info{" in scraped
    assert "\nown_total 7.0\n" in scraped


def test_reset_clears_the_minute_and_the_users_metrics(metered: Any) -> None:
    assert metered.ask("GetAndResetMetrics").userMetrics["user_metric_m_count"] == 7
    metrics = metered.ask("GetMetrics")
    assert (metrics.receivedTotal, metrics.receivedTotal_1min) == (7, 0)
    assert metrics.userMetrics.get("user_metric_m_count", 0) == 0
    assert metered.ask("ResetMetrics") is not None


@pytest.mark.parametrize("path", ["/", "/metrics", "/any/where?x=1"])
def test_every_path_serves_upstreams_names_and_labels(metered: Any, harness: Any, path: str) -> None:
    scraped = metered.scrape(path)
    lines = [line for line in scraped.splitlines() if not line.startswith("#")]
    names = {line.partition("{")[0].removeprefix("pulsar_function_") for line in lines}
    assert names >= NAMES
    name = harness.details().name
    received = next(line for line in lines if line.startswith("pulsar_function_received_total"))
    labels = dict(re.findall(r'(\w+)="([^"]*)"', received))
    assert labels == {
        "tenant": "public",
        "namespace": "public/default",
        "name": name,
        "instance_id": "0",
        "cluster": "standalone",
        "fqfn": f"public/default/{name}",
    }
