"""Status of functions (upstream's FunctionStatus JSON)."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.instances import ask_instances
from pulsemill.rest.lookup import existing_function, existing_instance
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus

_COUNTERS = ("numReceived", "numSuccessfullyProcessed")


async def get_function_status(ports: RestPorts, request: Request) -> Response:
    """The status of all assigned instances."""
    details = existing_function(ports, request).functionDetails
    name = FunctionName.of(details)

    async def ask(instance: int) -> dict[str, Any]:
        return status_json(await ports.instances.get_function_status(InstanceName(name, instance)))

    instances = await ask_instances(ports, request, details, ask, "status")
    return JSONResponse(
        {
            "numInstances": len(instances),
            "numRunning": sum(status["running"] for status in instances.values()),
            "instances": [{"instanceId": number, "status": status} for number, status in instances.items()],
        }
    )


async def get_instance_status(ports: RestPorts, request: Request) -> Response:
    """The status of one instance; 307 to its owner."""
    metadata, instance = existing_instance(ports, request)
    name = InstanceName(FunctionName.of(metadata.functionDetails), instance)
    return JSONResponse(status_json(await ports.instances.get_function_status(name)))


def status_json(status: FunctionStatus) -> dict[str, Any]:
    """One instance's status; one that is not running has null for an empty list of exceptions, as upstream.

    Upstream counts errors of reading inputs and of writing outputs among the system's.
    """
    system = [*status.latestSystemExceptions, *status.latestSourceExceptions, *status.latestSinkExceptions]
    return {
        "running": status.running,
        "error": status.failureException,
        "numRestarts": status.numRestarts,
        **{counter: getattr(status, counter) for counter in _COUNTERS},
        "numUserExceptions": status.numUserExceptions,
        "latestUserExceptions": _exceptions(status.latestUserExceptions, status),
        "numSystemExceptions": status.numSystemExceptions + status.numSourceExceptions + status.numSinkExceptions,
        "latestSystemExceptions": _exceptions(system, status),
        "averageLatency": status.averageLatency,
        "lastInvocationTime": status.lastInvocationTime,
        "workerId": status.workerId or None,
    }


def _exceptions(
    exceptions: Iterable[FunctionStatus.ExceptionInformation], status: FunctionStatus
) -> list[dict[str, Any]] | None:
    found = [{"exceptionString": each.exceptionString, "timestampMs": each.msSinceEpoch} for each in exceptions]
    return found or ([] if status.running else None)
