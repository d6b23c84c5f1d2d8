"""POST of a function, source or sink (upstream's registerFunction, registerSource, registerSink)."""

import time

from starlette.requests import Request
from starlette.responses import Response

from pulsemill.errors import MetadataOutOfDateError
from pulsemill.names import FunctionName
from pulsemill.packages.storage import PackageOwner
from pulsemill.rest.code import code_files, requested_code, requested_transform, stored_code
from pulsemill.rest.config_part import requested_config
from pulsemill.rest.errors import RestError
from pulsemill.rest.kinds import Kind
from pulsemill.rest.lookup import named_function
from pulsemill.rest.multipart import read_form
from pulsemill.rest.services import RestPorts
from pulsemill.rest.submission import admitted_details, cache_auth_data, require_packages
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData


async def register(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Create a component. Of two requests for one name exactly one succeeds; a refused one leaves nothing behind."""
    name = named_function(ports, request)
    async with read_form(request, ports.packages) as form:
        config = requested_config(kind, form, name)
        await _require_namespace(ports, name)
        if ports.functions.get(name) is not None:
            raise _already_exists(kind, name)
        config = kind.with_defaults(config, ports.config)
        code, transform = requested_code(kind, form, config), requested_transform(config)
        if code is None:
            raise RestError(400, kind.missing_package(config))
        await require_packages(kind, ports, request, code, transform)
        async with code_files(ports, kind, config, code, transform) as files:
            details = await admitted_details(kind, ports, config, files, FunctionDetails())
        metadata = FunctionMetaData(functionDetails=details, version=0, createTime=time.time_ns() // 1_000_000)
        await cache_auth_data(ports, metadata, request)
        if transform is not None:
            metadata.transformFunctionPackageLocation.packagePath = transform.location
        async with stored_code(ports, code, PackageOwner.of(metadata)) as location:
            metadata.packageLocation.CopyFrom(location)
            await _write(kind, ports, name, metadata)
    return Response(status_code=204)


async def _require_namespace(ports: RestPorts, name: FunctionName) -> None:
    if not await ports.broker.tenant_exists(name.tenant):
        raise RestError(400, "Tenant does not exist")
    if not await ports.broker.namespace_exists(name.tenant, name.namespace):
        raise RestError(400, "Namespace does not exist")


async def _write(kind: Kind, ports: RestPorts, name: FunctionName, metadata: FunctionMetaData) -> None:
    try:
        await ports.functions.write(metadata)
    except MetadataOutOfDateError as error:
        raise _already_exists(kind, name) from error


def _already_exists(kind: Kind, name: FunctionName) -> RestError:
    return RestError(400, f"{kind.name} {name.name} already exists")
