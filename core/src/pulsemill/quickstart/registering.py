"""Registers the example functions through the REST API and waits until they run. Blocks: for a thread of its own."""

import threading
import time
from collections.abc import Iterable
from typing import Any

from pulsemill.admin.components import Code
from pulsemill.admin.connection import AdminConnection
from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.errors import PulsemillError
from pulsemill.quickstart.catalog import Registration
from pulsemill.quickstart.workers import Workers

START_SECONDS = 30.0
POLL_SECONDS = 0.05


class QuickstartError(PulsemillError):
    """A run did not do what it should show."""


def register_all(workers: Workers, registrations: Iterable[Registration], stop: threading.Event) -> None:
    """Register every function with the worker of its runtime, wait until all run; QuickstartError if one does not."""
    chosen = list(registrations)
    for registration in chosen:
        with AdminTransport(workers.connections[registration.runtime]) as transport:
            Functions(transport).create(registration.function_config(), Code(path=registration.example.file))
    deadline = time.monotonic() + START_SECONDS
    for registration in chosen:
        _wait_until_running(workers.connections[registration.runtime], registration, deadline, stop)


def status_of(connection: AdminConnection, registration: Registration) -> dict[str, Any]:
    """The status of a function's only instance."""
    with AdminTransport(connection) as transport:
        return Functions(transport).status(registration.name, 0)


def _wait_until_running(
    connection: AdminConnection, registration: Registration, deadline: float, stop: threading.Event
) -> None:
    status: dict[str, Any] = {}
    while not stop.wait(POLL_SECONDS):
        status = _status_or_empty(connection, registration)
        if status.get("running"):
            return
        if time.monotonic() > deadline:
            reason = status.get("error") or "no reason given"
            raise QuickstartError(f"{registration.name} does not run after {START_SECONDS:.0f} s: {reason}")


def _status_or_empty(connection: AdminConnection, registration: Registration) -> dict[str, Any]:
    """Before it is scheduled, an instance has no status."""
    with AdminTransport(connection) as transport:
        whole = Functions(transport).status(registration.name)
    instances = whole.get("instances") or [{}]
    return dict(instances[0].get("status") or {})
