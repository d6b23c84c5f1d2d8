"""A worker's answers about what functions' instances counted as rows for people. Pure."""

from collections.abc import Mapping
from typing import Any

from pulsemill.cli.tables import moment

STATS_COLUMNS = (
    "INSTANCE",
    "RECEIVED",
    "SUCCESSFUL",
    "USER ERRORS",
    "SYSTEM ERRORS",
    "LATENCY MS",
    "RECEIVED 1MIN",
    "LATENCY MS 1MIN",
    "LAST INVOCATION",
    "USER METRICS",
)


def stats_rows(answer: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """A row for each instance of a FunctionStats, and one for all."""
    rows = [stats_row(row["instanceId"], row["metrics"]) for row in answer.get("instances") or ()]
    return [*rows, stats_row("all", answer)]


def stats_row(label: int | str, metrics: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row of one instance, or of all."""
    minute = metrics.get("1min") or {}
    user_metrics = metrics.get("userMetrics") or {}
    return (
        str(label),
        metrics.get("receivedTotal"),
        metrics.get("processedSuccessfullyTotal"),
        metrics.get("userExceptionsTotal"),
        metrics.get("systemExceptionsTotal"),
        metrics.get("avgProcessLatency"),
        minute.get("receivedTotal"),
        minute.get("avgProcessLatency"),
        moment(metrics.get("lastInvocation")),
        ", ".join(f"{name}={value:g}" for name, value in sorted(user_metrics.items())),
    )
