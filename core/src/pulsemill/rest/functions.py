"""GET of components: one's configuration, and the names in a namespace."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.functions.identifiers import check_part
from pulsemill.functions.writing import to_json
from pulsemill.rest.kinds import Kind
from pulsemill.rest.lookup import existing, require_initialized
from pulsemill.rest.services import RestPorts


async def get_config(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """A component's configuration, absent fields as null."""
    return JSONResponse(to_json(kind.shown(existing(kind, ports, request).functionDetails)))


async def list_names(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """The components of a kind in a namespace by name; an unknown namespace has none."""
    require_initialized(ports)
    tenant, namespace = request.path_params["tenant"], request.path_params["namespace"]
    check_part("Tenant", tenant)
    check_part("Namespace", namespace)
    found = ports.functions.in_namespace(tenant, namespace)
    return JSONResponse(sorted(metadata.functionDetails.name for metadata in found if kind.has(metadata)))
