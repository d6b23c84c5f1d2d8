"""A worker's answers about the status of instances as rows for people, whatever the kind calls its counters. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pulsemill.cli.components.kind import Kind
from pulsemill.cli.tables import moment


def status_columns(kind: Kind) -> tuple[str, ...]:
    """The headings of the rows."""
    own = f"{kind.counters.own.upper()} ERRORS"
    latency = ("LATENCY MS",) if kind.counters.has_latency else ()
    head = ("INSTANCE", "RUNNING", "RESTARTS", "RECEIVED", kind.done, own, "SYSTEM ERRORS")
    return (*head, *latency, kind.last_time, "WORKER")


def status_rows(kind: Kind, answer: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """A row for each instance of a status."""
    return [status_row(kind, row["instanceId"], row["status"]) for row in answer.get("instances") or ()]


def status_row(kind: Kind, instance_id: int, status: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row of one instance."""
    counters = kind.counters
    latency = (status.get("averageLatency"),) if counters.has_latency else ()
    return (
        instance_id,
        status.get("running"),
        status.get("numRestarts"),
        status.get(counters.received),
        status.get(counters.done),
        status.get(f"num{counters.own}Exceptions"),
        status.get("numSystemExceptions"),
        *latency,
        moment(status.get(counters.last_time)),
        status.get("workerId"),
    )


def failures(kind: Kind, answer: Mapping[str, Any], instance_id: int | None) -> Iterator[str]:
    """A line for each error of a status, or of one instance's status when its id is given."""
    if instance_id is None:
        for row in answer.get("instances") or ():
            yield from failures(kind, row["status"], row["instanceId"])
        return
    if answer.get("error"):
        yield f"instance {instance_id}: {answer['error']}"
    for origin in (kind.counters.own, "System"):
        for exception in answer.get(f"latest{origin}Exceptions") or ():
            text = str(exception.get("exceptionString")).rstrip()
            when = moment(exception.get("timestampMs"))
            yield f"instance {instance_id}, {when}, {origin.lower()} exception: {text}"
