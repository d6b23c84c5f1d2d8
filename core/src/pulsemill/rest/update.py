"""PUT of a function (upstream's FunctionsImpl.updateFunction)."""

import logging

from starlette.requests import Request
from starlette.responses import Response

from pulsemill.errors import MetadataOutOfDateError
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.read_back import stored_config
from pulsemill.functions.update import kept_fields, merge_update
from pulsemill.names import FunctionName
from pulsemill.packages.storage import PackageOwner
from pulsemill.rest.code import Code, check_code, requested_code, require_known_builtin, stored_code
from pulsemill.rest.config_part import function_config, wants_new_auth_data
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.lookup import is_function, named_function
from pulsemill.rest.multipart import read_form
from pulsemill.rest.services import RestPorts
from pulsemill.rest.submission import admitted_details, update_auth_data, with_defaults
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, PackageLocationMetaData

log = logging.getLogger(__name__)


async def update_function(ports: RestPorts, request: Request) -> Response:
    """Change a function's configuration, its code or both. Code that is not sent stays, wherever it came from."""
    name = named_function(ports, request)
    async with read_form(request, ports.packages) as form:
        update = function_config(form, name)
        metadata = _existing(ports, name)
        renew = wants_new_auth_data(form)
        config, code = await _changes(ports, metadata, update, form, renew=renew)
        metadata.functionDetails.CopyFrom(admitted_details(ports, config))
        metadata.version += 1
        _require_unchanged(ports, name, metadata)
        if renew:
            await update_auth_data(ports, metadata, request)
        await _write(ports, metadata, code)
    return Response(status_code=204)


def _existing(ports: RestPorts, name: FunctionName) -> FunctionMetaData:
    stored = ports.functions.get(name)
    if stored is None:
        raise RestError(400, f"Function {name.name} doesn't exist")
    if not is_function(stored):
        raise RestError(404, f"Function {name.name} doesn't exist")
    metadata = FunctionMetaData()
    metadata.CopyFrom(stored)
    return metadata


def _require_unchanged(ports: RestPorts, name: FunctionName, metadata: FunctionMetaData) -> None:
    """Reading the code may have taken long: a function that was deleted meanwhile must not come back."""
    current = ports.functions.get(name)
    if current is None or current.version >= metadata.version:
        raise MetadataOutOfDateError(f"{name} was changed meanwhile")


async def _changes(
    ports: RestPorts, metadata: FunctionMetaData, update: FunctionConfig, form: Form, *, renew: bool
) -> tuple[FunctionConfig, Code | None]:
    require_known_builtin(update)
    stored = stored_config(metadata.functionDetails)
    merged = merge_update(stored, update)
    kept = kept_fields(stored, update)
    if kept:
        log.warning("Update of %s/%s/%s does not change %s", update.tenant, update.namespace, update.name, kept)
    code = requested_code(form)
    if code is None and not renew and merged == stored:
        raise RestError(400, "Update contains no change")
    config = with_defaults(ports, merged)
    return config, await check_code(ports, code, config) if code else None


async def _write(ports: RestPorts, metadata: FunctionMetaData, code: Code | None) -> None:
    if code is None:
        await ports.functions.write(metadata)
        return
    old = PackageLocationMetaData()
    old.CopyFrom(metadata.packageLocation)
    async with stored_code(ports, code, PackageOwner.of(metadata)) as location:
        metadata.packageLocation.CopyFrom(location)
        await ports.functions.write(metadata)
    await ports.storage.delete_unused(old, ports.is_package_used)
