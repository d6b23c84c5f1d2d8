"""POST of a function (upstream's FunctionsImpl.registerFunction)."""

import time

from starlette.requests import Request
from starlette.responses import Response

from pulsemill.errors import MetadataOutOfDateError
from pulsemill.names import FunctionName
from pulsemill.packages.storage import PackageOwner
from pulsemill.rest.code import check_code, requested_code, require_known_builtin, stored_code
from pulsemill.rest.config_part import function_config
from pulsemill.rest.errors import RestError
from pulsemill.rest.lookup import named_function
from pulsemill.rest.multipart import read_form
from pulsemill.rest.services import RestPorts
from pulsemill.rest.submission import admitted_details, cache_auth_data, with_defaults
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData


async def register_function(ports: RestPorts, request: Request) -> Response:
    """Create a function. Of two requests for one name exactly one succeeds; a refused one leaves nothing behind."""
    name = named_function(ports, request)
    async with read_form(request, ports.packages) as form:
        config = function_config(form, name)
        await _require_namespace(ports, name)
        if ports.functions.get(name) is not None:
            raise _already_exists(name)
        config = with_defaults(ports, config)
        require_known_builtin(config)
        code = await check_code(ports, requested_code(form), config)
        metadata = FunctionMetaData(
            functionDetails=admitted_details(ports, config), version=0, createTime=time.time_ns() // 1_000_000
        )
        await cache_auth_data(ports, metadata, request)
        async with stored_code(ports, code, PackageOwner.of(metadata)) as location:
            metadata.packageLocation.CopyFrom(location)
            await _write(ports, name, metadata)
    return Response(status_code=204)


async def _require_namespace(ports: RestPorts, name: FunctionName) -> None:
    if not await ports.broker.tenant_exists(name.tenant):
        raise RestError(400, "Tenant does not exist")
    if not await ports.broker.namespace_exists(name.tenant, name.namespace):
        raise RestError(400, "Namespace does not exist")


async def _write(ports: RestPorts, name: FunctionName, metadata: FunctionMetaData) -> None:
    try:
        await ports.functions.write(metadata)
    except MetadataOutOfDateError as error:
        raise _already_exists(name) from error


def _already_exists(name: FunctionName) -> RestError:
    return RestError(400, f"Function {name.name} already exists")
