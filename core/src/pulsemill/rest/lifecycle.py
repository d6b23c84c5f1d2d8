"""Start, stop and restart (upstream's ComponentImpl.changeFunctionInstanceStatus and restartFunctionInstance).

Starting and stopping write the wanted states into the metadata and return; the owners of the instances follow.
"""

from starlette.requests import Request
from starlette.responses import Response

from pulsemill.errors import InstanceNotFoundError
from pulsemill.instance_ids import instance_ids
from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.errors import RestError
from pulsemill.rest.kinds import Kind
from pulsemill.rest.lookup import existing, instance_id
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, FunctionState

ALL_INSTANCES = -1


async def start(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Let all instances run."""
    return await _change(ports, existing(kind, ports, request), ALL_INSTANCES, FunctionState.RUNNING)


async def stop(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Let no instance run."""
    return await _change(ports, existing(kind, ports, request), ALL_INSTANCES, FunctionState.STOPPED)


async def start_instance(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Let one instance run; the id -1 means all, as upstream."""
    metadata = existing(kind, ports, request)
    return await _change(ports, metadata, instance_id(request), FunctionState.RUNNING)


async def stop_instance(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Stop one instance; the id -1 means all, as upstream."""
    metadata = existing(kind, ports, request)
    return await _change(ports, metadata, instance_id(request), FunctionState.STOPPED)


async def restart(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Restart all instances, wherever they run."""
    name = FunctionName.of(existing(kind, ports, request).functionDetails)
    try:
        await ports.instances.restart_function(name)
    except InstanceNotFoundError as error:
        raise RestError(400, f"{name} has not been assigned yet") from error
    return Response(status_code=204)


async def restart_instance(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Restart one instance, at its owner; upstream refuses that with 501 for externally managed ones."""
    name = FunctionName.of(existing(kind, ports, request).functionDetails)
    instance = instance_id(request)
    try:
        await ports.instances.restart_instance(InstanceName(name, instance))
    except InstanceNotFoundError as error:
        raise RestError(400, f"{name}/{instance} doesn't exist") from error
    return Response(status_code=204)


def can_change_state(metadata: FunctionMetaData, instance: int, state: FunctionState) -> bool:
    """Whether an instance (-1: any) exists and is not in a state already. An instance without a stored state runs."""
    states = metadata.instanceStates
    known = instance_ids(metadata.functionDetails)
    return any(
        states.get(number, FunctionState.RUNNING) != state for number in known if instance in {ALL_INSTANCES, number}
    )


def with_state(metadata: FunctionMetaData, instance: int, state: FunctionState) -> FunctionMetaData:
    """The next version of the metadata, with a state for every instance."""
    changed = FunctionMetaData()
    changed.CopyFrom(metadata)
    changed.version += 1
    for number in instance_ids(changed.functionDetails):
        before = metadata.instanceStates.get(number, FunctionState.RUNNING)
        changed.instanceStates[number] = state if instance in {ALL_INSTANCES, number} else before
    return changed


async def _change(ports: RestPorts, metadata: FunctionMetaData, instance: int, state: FunctionState) -> Response:
    if not can_change_state(metadata, instance, state):
        raise RestError(400, "Operation not permitted")
    await ports.functions.write(with_state(metadata, instance, state))
    return Response(status_code=204)
