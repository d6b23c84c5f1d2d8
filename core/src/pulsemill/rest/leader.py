"""PUT /functions/leader/...: metadata that another worker hands to the leader (upstream's processFunctionMetaData).

Only workers call it, with protobuf in a multipart part.
"""

from google.protobuf.message import DecodeError
from starlette.requests import Request
from starlette.responses import Response

from pulsemill.errors import MetadataOutOfDateError
from pulsemill.names import FunctionName
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.lookup import named_function
from pulsemill.rest.multipart import read_form
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData


async def put_function_metadata(ports: RestPorts, request: Request) -> Response:
    """Append the metadata as it is; 307 to the leader, 400 when it is corrupt or out of date."""
    name = named_function(ports, request)
    async with read_form(request, ports.packages) as form:
        metadata = _metadata(form, name)
        delete = form.text("delete") == "true"
    try:
        await ports.functions.write_as_leader(metadata, delete=delete)
    except MetadataOutOfDateError as error:
        kind = "Delete" if delete else "Update"
        raise RestError(400, f"{kind} request ignored because it is out of date. Please try again.") from error
    return Response(status_code=204)


def _metadata(form: Form, name: FunctionName) -> FunctionMetaData:
    part = form.parts.get("functionMetaData")
    metadata = FunctionMetaData()
    try:
        metadata.ParseFromString(bytes(part.content) if part else b"")
    except DecodeError as error:
        raise RestError(400, "Corrupt Function MetaData") from error
    if FunctionName.of(metadata.functionDetails) != name:
        raise RestError(400, "Corrupt Function MetaData")
    return metadata
