"""The OpenAPI document of this worker, made from its route table, so that it has every path and method."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.functions.model import FunctionConfig
from pulsemill.rest.json_schema import schema_of

OPENAPI_PATH = "/openapi.json"

_CONFIGS = {"function": FunctionConfig, "source": SourceConfig, "sink": SinkConfig}
_COMPONENT = re.compile(r"/admin/(?:v[23]/)?(?P<kind>function|source|sink)s?/\{tenant\}/\{namespace\}/\{function\}")
_PARAMETER = re.compile(r"\{(\w+)\}")
_VERSION_2 = re.compile(r"/admin/(?!v3/)")
_REASON = {"type": "object", "required": ["reason"], "properties": {"reason": {"type": "string"}}}


def openapi_route(routes: Iterable[Route]) -> Route:
    """The route of the document about other routes."""
    document = openapi_document(routes)

    async def get_openapi(_: Request) -> Response:
        return JSONResponse(document)

    return Route(OPENAPI_PATH, get_openapi, methods=["GET"])


def openapi_document(routes: Iterable[Route]) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pulsar Functions worker",
            "description": "The REST API of Apache Pulsar's functions workers, as Pulsemill serves it.",
            "version": version("pulsemill"),
        },
        "paths": {route.path_format: _path_item(route) for route in routes},
        "components": {"schemas": {model.__name__: schema_of(model) for model in _CONFIGS.values()}},
    }


def _path_item(route: Route) -> dict[str, Any]:
    names = _PARAMETER.findall(route.path_format)
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    methods = sorted((route.methods or set()) - {"HEAD"})
    return {"parameters": parameters, **{method.lower(): _operation(route.path_format, method) for method in methods}}


def _operation(path: str, method: str) -> dict[str, Any]:
    body = _request_body(path, method)
    query = [] if not path.endswith("/drain") else [_query("workerId")]
    query += [_query("path")] if path.endswith("functions/download") else []
    return {
        "operationId": f"{method.lower()} {path}",
        **({"parameters": query} if query else {}),
        **({"requestBody": body} if body else {}),
        "responses": {str(int(status)): _response(path, status) for status in sorted(_statuses(path, method))},
    }


def _query(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"}}


def _request_body(path: str, method: str) -> dict[str, Any] | None:
    properties = _form(path, method)
    if properties is None:
        return None
    json_parts = [name for name in properties if name.endswith(("Config", "updateOptions")) or name == "state"]
    encoding = {name: {"contentType": "application/json"} for name in json_parts}
    content = {"schema": {"type": "object", "properties": properties}, "encoding": encoding}
    return {"required": True, "content": {"multipart/form-data": content}}


def _form(path: str, method: str) -> dict[str, Any] | None:
    """The parts of a request's form, None for requests without."""
    text, file = {"type": "string"}, {"type": "string", "format": "binary"}
    component = _COMPONENT.fullmatch(path)
    if component and method in {"POST", "PUT"}:
        kind = component["kind"]
        options = {"updateOptions": {"type": "object", "properties": {"updateAuthData": {"type": "boolean"}}}}
        config = {f"{kind}Config": {"$ref": f"#/components/schemas/{_CONFIGS[kind].__name__}"}}
        named = {"functionDetails": text} if _VERSION_2.match(path) else config
        return {**named, "data": file, "url": text, **(options if method == "PUT" else {})}
    if path.endswith("/trigger"):
        return {"data": text, "dataStream": file, "topic": text}
    if path.endswith("/upload"):
        return {"data": file, "path": text}
    if "/leader/{tenant}" in path:
        return {"functionMetaData": file, "delete": text}
    return {"state": {"type": "object"}} if "/state/" in path and method == "POST" else None


def _statuses(path: str, method: str) -> set[HTTPStatus]:
    found = _success(path, method)
    if path.startswith("/admin"):
        found |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}
    if "{" in path or _form(path, method) is not None:
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
    if _form(path, method) is not None:
        found |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    return found | _special(path, method)


def _success(path: str, method: str) -> set[HTTPStatus]:
    if method == "GET":
        return {HTTPStatus.OK}
    if path.endswith("/trigger"):
        return {HTTPStatus.OK} if _VERSION_2.match(path) else {HTTPStatus.OK, HTTPStatus.NO_CONTENT}
    is_version_2 = _VERSION_2.match(path) and "/functions" in path
    return {HTTPStatus.OK} if is_version_2 else {HTTPStatus.NO_CONTENT}


def _special(path: str, method: str) -> set[HTTPStatus]:
    """The statuses that few routes have."""
    found = set()
    if "{instance_id}" in path or "/drain" in path or path.endswith("/rebalance") or "/leader/{" in path:
        found.add(HTTPStatus.TEMPORARY_REDIRECT)
    if path.endswith("/{instance_id}/restart"):
        found.add(HTTPStatus.NOT_IMPLEMENTED)
    if path.endswith("/trigger"):
        found.add(HTTPStatus.REQUEST_TIMEOUT)
    if path.endswith("functions/download"):
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
    if method == "PUT" and path.endswith(("/drain", "/rebalance")):
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}
    if path == "/metrics":
        found.add(HTTPStatus.NOT_ACCEPTABLE)
    if path == "/initialized":
        found.add(HTTPStatus.SERVICE_UNAVAILABLE)
    return found


def _response(path: str, status: HTTPStatus) -> dict[str, Any]:
    if status >= HTTPStatus.BAD_REQUEST:
        return {"description": status.phrase, "content": {"application/json": {"schema": _REASON}}}
    if status is not HTTPStatus.OK:
        return {"description": status.phrase}
    return {"description": status.phrase, "content": {media_type: {} for media_type in _media_types(path)}}


def _media_types(path: str) -> list[str]:
    if path.endswith("/download"):
        return ["application/octet-stream"]
    if path in {"/metrics", "/initialized"}:
        return ["text/plain"]
    return ["application/json", "text/plain"] if _VERSION_2.match(path) else ["application/json"]
