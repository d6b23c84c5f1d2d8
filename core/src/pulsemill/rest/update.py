"""PUT of a function, source or sink (upstream's updateFunction, updateSource, updateSink)."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from pulsemill.errors import MetadataOutOfDateError
from pulsemill.functions.conversion import BUILTIN
from pulsemill.names import FunctionName
from pulsemill.packages.storage import PackageOwner
from pulsemill.rest.code import (
    Code,
    code_files,
    requested_code,
    requested_transform,
    stored_code,
    stored_files,
    stored_transform,
)
from pulsemill.rest.config_part import requested_config, wants_new_auth_data
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.kinds import CodeFiles, Kind
from pulsemill.rest.lookup import named_function
from pulsemill.rest.multipart import read_form
from pulsemill.rest.services import RestPorts
from pulsemill.rest.submission import admitted_details, renew_auth_data, require_packages
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, PackageLocationMetaData

log = logging.getLogger(__name__)


@attrs.frozen
class _Change:
    """What an update comes to: the merged configuration, and the code that it brings, if any."""

    config: Any
    code: Code | None
    transform: Code | None


async def update(kind: Kind, ports: RestPorts, request: Request) -> Response:
    """Change a component's configuration, its code or both. Code that is not sent stays, wherever it came from."""
    name = named_function(ports, request)
    async with read_form(request, ports.packages) as form:
        sent = requested_config(kind, form, name)
        metadata = _existing(kind, ports, name)
        renew = wants_new_auth_data(form)
        change = _change(kind, ports, metadata, sent, form, renew=renew)
        await require_packages(kind, ports, request, change.code, change.transform)
        async with _files(kind, ports, change, metadata) as files:
            details = await admitted_details(kind, ports, change.config, files, metadata.functionDetails)
        metadata.functionDetails.CopyFrom(details)
        metadata.version += 1
        stored = _unchanged(ports, name, metadata)
        await renew_auth_data(ports, stored, metadata, request, asked=renew)
        await _write(ports, metadata, change)
    return Response(status_code=204)


def _existing(kind: Kind, ports: RestPorts, name: FunctionName) -> FunctionMetaData:
    stored = ports.functions.get(name)
    if stored is None:
        raise RestError(400, f"{kind.name} {name.name} doesn't exist")
    if not kind.has(stored):
        raise RestError(404, f"{kind.name} {name.name} doesn't exist")
    metadata = FunctionMetaData()
    metadata.CopyFrom(stored)
    return metadata


def _unchanged(ports: RestPorts, name: FunctionName, metadata: FunctionMetaData) -> FunctionMetaData:
    """What is stored. Reading code may have taken long: a function that was deleted meanwhile must not come back.

    The leader looks again when it writes. To be refused here saves the work until then.
    """
    current = ports.functions.get(name)
    if current is None or current.createTime != metadata.createTime or current.version >= metadata.version:
        raise MetadataOutOfDateError(f"{name} was changed meanwhile")
    return current


def _change(kind: Kind, ports: RestPorts, metadata: FunctionMetaData, sent: Any, form: Form, *, renew: bool) -> _Change:
    stored = kind.stored(metadata.functionDetails)
    merged = kind.merge(stored, sent)
    kept = kind.kept(stored, sent)
    if kept:
        log.warning("Update of %s/%s/%s does not change %s", sent.tenant, sent.namespace, sent.name, kept)
    code, transform = requested_code(kind, form, sent), requested_transform(sent)
    if (code is None or code.is_builtin) and not renew and merged == stored:
        raise RestError(400, "Update contains no change")
    if code is not None and not code.is_builtin and _is_builtin(kind, merged):
        merged = attrs.evolve(merged, **{kind.reference: None})
    return _Change(kind.with_defaults(merged, ports.config), code, transform)


def _is_builtin(kind: Kind, config: Any) -> bool:
    return (getattr(config, kind.reference) or "").startswith(BUILTIN)


@asynccontextmanager
async def _files(kind: Kind, ports: RestPorts, change: _Change, metadata: FunctionMetaData) -> AsyncIterator[CodeFiles]:
    if change.code is not None or change.transform is not None:
        code = change.code or Code(location=metadata.packageLocation.packagePath)
        transform = change.transform or stored_transform(metadata)
        async with code_files(ports, kind, change.config, code, transform) as files:
            yield files
    else:
        async with stored_files(ports, kind, change.config, metadata) as files:
            yield files


async def _write(ports: RestPorts, metadata: FunctionMetaData, change: _Change) -> None:
    if change.transform is not None:
        metadata.transformFunctionPackageLocation.CopyFrom(
            PackageLocationMetaData(packagePath=change.transform.location)
        )
    if change.code is None:
        await ports.functions.write(metadata)
        return
    old = PackageLocationMetaData()
    old.CopyFrom(metadata.packageLocation)
    async with stored_code(ports, change.code, PackageOwner.of(metadata)) as location:
        metadata.packageLocation.CopyFrom(location)
        await ports.functions.write(metadata)
    await ports.storage.delete_unused(old, ports.is_package_used)
