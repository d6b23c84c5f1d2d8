"""GET of functions: one's configuration, and the names in a namespace."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.functions.identifiers import check_part
from pulsemill.functions.read_back import read_back
from pulsemill.functions.writing import to_json
from pulsemill.rest.lookup import existing_function, is_function, require_initialized
from pulsemill.rest.services import RestPorts


async def get_function(ports: RestPorts, request: Request) -> Response:
    """A function's configuration, absent fields as null."""
    return JSONResponse(to_json(read_back(existing_function(ports, request).functionDetails)))


async def list_functions(ports: RestPorts, request: Request) -> Response:
    """The functions of a namespace by name; an unknown namespace has none."""
    require_initialized(ports)
    tenant, namespace = request.path_params["tenant"], request.path_params["namespace"]
    check_part("Tenant", tenant)
    check_part("Namespace", namespace)
    found = ports.functions.in_namespace(tenant, namespace)
    return JSONResponse(sorted(metadata.functionDetails.name for metadata in found if is_function(metadata)))
