"""Status of components (upstream's FunctionStatus, SourceStatus and SinkStatus JSON)."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.instances import ask_instances
from pulsemill.rest.kinds import Kind
from pulsemill.rest.lookup import existing, existing_instance
from pulsemill.rest.services import RestPorts
from pulsemill.rest.status_counters import StatusCounters
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus

NOT_SCHEDULED = "Function has not been scheduled"
"""What the worker says of an instance without an assignment, whatever its kind."""


async def get_status(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """The status of all assigned instances."""
    details = existing(kind, ports, request).functionDetails
    name = FunctionName.of(details)

    async def ask(instance: int) -> dict[str, Any]:
        return await _ask(kind, ports, InstanceName(name, instance))

    instances = await ask_instances(ports, request, details, ask, "status")
    return JSONResponse(
        {
            "numInstances": len(instances),
            "numRunning": sum(status["running"] for status in instances.values()),
            "instances": [{"instanceId": number, "status": status} for number, status in instances.items()],
        }
    )


async def get_instance_status(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """The status of one instance; 307 to its owner."""
    metadata, instance = existing_instance(kind, ports, request)
    return JSONResponse(await _ask(kind, ports, InstanceName(FunctionName.of(metadata.functionDetails), instance)))


async def _ask(kind: Kind, ports: RestPorts, name: InstanceName) -> dict[str, Any]:
    status = await ports.instances.get_function_status(name)
    shown = status_json(status, kind.counters)
    if status.failureException == NOT_SCHEDULED:
        shown["error"] = NOT_SCHEDULED.replace("Function", kind.name)
    return shown


def status_json(status: FunctionStatus, names: StatusCounters) -> dict[str, Any]:
    """One instance's status; one that is not running has null for an empty list of exceptions, as upstream."""
    others = [each for origin in names.others for each in getattr(status, f"latest{origin}Exceptions")]
    own = getattr(status, f"latest{names.own}Exceptions")
    return {
        "running": status.running,
        "error": status.failureException,
        "numRestarts": status.numRestarts,
        names.received: status.numReceived,
        names.done: status.numSuccessfullyProcessed,
        f"num{names.own}Exceptions": getattr(status, f"num{names.own}Exceptions"),
        f"latest{names.own}Exceptions": _exceptions(own, status),
        "numSystemExceptions": sum(getattr(status, f"num{origin}Exceptions") for origin in names.others),
        "latestSystemExceptions": _exceptions(others, status),
        **({"averageLatency": status.averageLatency} if names.has_latency else {}),
        names.last_time: status.lastInvocationTime,
        "workerId": status.workerId or None,
    }


def _exceptions(
    exceptions: Iterable[FunctionStatus.ExceptionInformation], status: FunctionStatus
) -> list[dict[str, Any]] | None:
    found = [{"exceptionString": each.exceptionString, "timestampMs": each.msSinceEpoch} for each in exceptions]
    return found or ([] if status.running else None)
