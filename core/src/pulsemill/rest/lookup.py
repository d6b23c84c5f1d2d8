"""What most routes begin with: is the worker ready, which function is meant, does it exist."""

import re

from starlette.requests import Request

from pulsemill.functions.identifiers import check_name
from pulsemill.names import FunctionName
from pulsemill.rest.errors import RestError
from pulsemill.rest.kinds import Kind
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

NOT_INITIALIZED = "Function worker service is not done initializing. Please try again in a little while."

_NUMBER = re.compile("-?[0-9]{1,9}")


def require_initialized(ports: RestPorts) -> None:
    """Raise 503 until the worker has replayed its topics."""
    if not ports.membership.initialized:
        raise RestError(503, NOT_INITIALIZED)


def named_function(ports: RestPorts, request: Request) -> FunctionName:
    """The function that the path names, once the worker is initialized; 400 for a name that nothing may have."""
    require_initialized(ports)
    name = FunctionName(*(request.path_params[part] for part in ("tenant", "namespace", "function")))
    check_name(name)
    return name


def existing_component(ports: RestPorts, request: Request) -> FunctionMetaData:
    """The stored metadata of the function, source or sink that the path names; 404 without."""
    name = named_function(ports, request)
    metadata = ports.functions.get(name)
    if metadata is None:
        raise RestError(404, f"Function {name.name} doesn't exist")
    return metadata


def existing(kind: Kind, ports: RestPorts, request: Request) -> FunctionMetaData:
    """The stored metadata of what the path names, to be copied before it is changed; 404 without or of another kind."""
    name = named_function(ports, request)
    metadata = ports.functions.get(name)
    if metadata is None or not kind.has(metadata):
        raise RestError(404, f"{kind.name} {name.name} doesn't exist")
    return metadata


def existing_instance(kind: Kind, ports: RestPorts, request: Request) -> tuple[FunctionMetaData, int]:
    """What the path names (404 without) and the id of one of its instances (400 for any other id)."""
    metadata = existing(kind, ports, request)
    number = instance_id(request)
    if not 0 <= number < metadata.functionDetails.parallelism:
        raise RestError(400, f"{kind.name} {metadata.functionDetails.name} doesn't have instance with id {number}")
    return metadata, number


def instance_id(request: Request) -> int:
    """The instance id in the path; 400 when it is no number (upstream answers 500)."""
    text = request.path_params["instance_id"]
    if not _NUMBER.fullmatch(text):
        raise RestError(400, f"{text!r} is not an instance id; expected a number from 0 to the parallelism minus 1")
    return int(text)
