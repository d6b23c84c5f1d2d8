"""A worker's answers about instances as rows for people. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pulsemill.cli.tables import moment

STATUS_COLUMNS = (
    "INSTANCE",
    "RUNNING",
    "RESTARTS",
    "RECEIVED",
    "SUCCESSFUL",
    "USER ERRORS",
    "SYSTEM ERRORS",
    "LATENCY MS",
    "LAST INVOCATION",
    "WORKER",
)
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


def status_rows(answer: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """A row for each instance of a FunctionStatus."""
    return [status_row(row["instanceId"], row["status"]) for row in answer.get("instances") or ()]


def status_row(instance_id: int, status: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row of one instance."""
    return (
        instance_id,
        status.get("running"),
        status.get("numRestarts"),
        status.get("numReceived"),
        status.get("numSuccessfullyProcessed"),
        status.get("numUserExceptions"),
        status.get("numSystemExceptions"),
        status.get("averageLatency"),
        moment(status.get("lastInvocationTime")),
        status.get("workerId"),
    )


def failures(answer: Mapping[str, Any], instance_id: int | None) -> Iterator[str]:
    """A line for each error of a FunctionStatus, or of one instance's status when its id is given."""
    if instance_id is None:
        for row in answer.get("instances") or ():
            yield from failures(row["status"], row["instanceId"])
        return
    if answer.get("error"):
        yield f"instance {instance_id}: {answer['error']}"
    for key, kind in (("latestUserExceptions", "user"), ("latestSystemExceptions", "system")):
        for exception in answer.get(key) or ():
            text = str(exception.get("exceptionString")).rstrip()
            yield f"instance {instance_id}, {moment(exception.get('timestampMs'))}, {kind} exception: {text}"


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
