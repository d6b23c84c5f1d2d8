"""DELETE of a component (upstream's ComponentImpl.deregisterFunction)."""

from starlette.requests import Request
from starlette.responses import Response

from pulsemill.errors import MetadataOutOfDateError
from pulsemill.names import FunctionName
from pulsemill.rest.errors import RestError
from pulsemill.rest.kinds import Kind
from pulsemill.rest.lookup import existing
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData


async def deregister(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Delete a component, its state, and its packages when no other uses it. Owners stop the instances on their own."""
    metadata = FunctionMetaData()
    metadata.CopyFrom(existing(kind, ports, request))
    metadata.version += 1
    try:
        await ports.functions.write(metadata, delete=True)
    except MetadataOutOfDateError as error:
        raise RestError(400, "Delete request ignored because it is out of date. Please try again.") from error
    if ports.state:
        await ports.state.drop(FunctionName.of(metadata.functionDetails))
    for location in (metadata.packageLocation, metadata.transformFunctionPackageLocation):
        await ports.storage.delete_unused(location, ports.is_package_used)
    return Response(status_code=204)
