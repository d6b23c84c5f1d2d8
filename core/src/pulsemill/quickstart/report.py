"""The table at the end of a run. Pure."""

from collections.abc import Mapping
from typing import Any

from pulsemill.quickstart.catalog import Registration
from pulsemill.quickstart.measurements import Measurement
from pulsemill.quickstart.workers import Workers

COLUMNS = ("FUNCTION", "RUNTIME", "IN", "OUT", "ERRORS", "MESSAGES/S", "P50 MS", "P99 MS")


def row(registration: Registration, status: Mapping[str, Any], measurement: Measurement) -> tuple[Any, ...]:
    """A function's row: what its worker counted, and what was measured from outside."""
    return (
        registration.name.name,
        registration.runtime,
        status.get("numReceived"),
        measurement.outputs,
        (status.get("numUserExceptions") or 0) + (status.get("numSystemExceptions") or 0),
        rounded(measurement.rate, 0),
        rounded(measurement.percentile(50), 1),
        rounded(measurement.percentile(99), 1),
    )


def rounded(value: float | None, digits: int) -> float | None:
    """A figure with as many digits as it is worth."""
    return None if value is None else round(value, digits)


def next_commands(workers: Workers) -> list[str]:
    """What to try while the workers run. Each is a whole command line."""
    thread, process = (workers.connections[runtime].admin_url for runtime in ("thread", "process"))
    return [
        f"pulsemill functions list --admin-url {thread}",
        f"pulsemill functions status --name wordcount-thread --admin-url {thread}",
        f"pulsemill functions trigger --name wordcount-thread --trigger-value 'to be' --admin-url {thread}",
        f"pulsemill functions stats --name lookup-process --admin-url {process}",
        f"pulsemill functions restart --name enrich-process --admin-url {process}",
        f"pulsemill worker metrics --admin-url {process}",
    ]
