"""Built-in connectors and functions: lists, what their configuration may hold, reading the folders anew.

Upstream: ComponentImpl.getListOfConnectors, SourcesImpl.getSourceList, SinksImpl.getSinkList, FunctionsImplV2.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.java.archive import open_archive
from pulsemill.java.config_fields import config_fields
from pulsemill.java.service import ServiceDefinition
from pulsemill.packages.builtins import Builtin
from pulsemill.rest.errors import RestError
from pulsemill.rest.lookup import require_initialized
from pulsemill.rest.services import RestPorts


@attrs.frozen
class ConnectorPart:
    """One of the two things that a connector may have: how errors call it, its class and its configuration's."""

    name: str
    class_name: Callable[[ServiceDefinition], str | None]
    config_class: Callable[[ServiceDefinition], str | None]


SOURCES = ConnectorPart("source", lambda each: each.source_class, lambda each: each.source_config_class)
SINKS = ConnectorPart("sink", lambda each: each.sink_class, lambda each: each.sink_config_class)


async def get_connectors(ports: RestPorts, _: Request) -> Response:
    """All built-in connectors."""
    require_initialized(ports)
    return JSONResponse([connector_json(each.definition) for each in ports.builtins.connectors.all()])


async def get_connectors_with(part: ConnectorPart, ports: RestPorts, _: Request) -> Response:
    """The built-in connectors that have a source, or a sink."""
    require_initialized(ports)
    found = [each.definition for each in ports.builtins.connectors.all() if part.class_name(each.definition)]
    return JSONResponse([connector_json(definition) for definition in found])


async def get_config_definition(part: ConnectorPart, ports: RestPorts, request: Request) -> Response:
    """The fields of a connector's configuration; 404 for an unknown connector or one that declares none."""
    require_initialized(ports)
    connector = ports.builtins.connectors.find(request.path_params["connector"])
    class_name = part.config_class(connector.definition) if connector else None
    if connector is None or class_name is None:
        raise RestError(404, f"builtin {part.name} does not exist")
    return JSONResponse(await asyncio.to_thread(_config_fields, connector, class_name))


async def get_functions(ports: RestPorts, _: Request) -> Response:
    """All built-in functions."""
    require_initialized(ports)
    found = [each.definition for each in ports.builtins.functions.all()]
    return JSONResponse(
        [{"name": each.name, "description": each.description, "functionClass": each.function_class} for each in found]
    )


async def reload(ports: RestPorts, _: Request) -> Response:
    """Read the folders of built-in connectors and functions anew."""
    require_initialized(ports)
    await asyncio.to_thread(ports.builtins.load)
    return Response(status_code=204)


def connector_json(definition: ServiceDefinition) -> dict[str, Any]:
    """A ConnectorDefinition."""
    return {
        "name": definition.name,
        "description": definition.description,
        "sourceClass": definition.source_class,
        "sinkClass": definition.sink_class,
        "sourceConfigClass": definition.source_config_class,
        "sinkConfigClass": definition.sink_config_class,
    }


def _config_fields(connector: Builtin, class_name: str) -> list[dict[str, Any]]:
    with open_archive(connector.file) as archive:
        return config_fields(archive, class_name)
