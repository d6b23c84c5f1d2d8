"""Packages in and out: POST /upload, and downloads by path or by function."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pulsemill.functions.conversion import BUILTIN
from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.filenames import download_file_name, safe_file_name
from pulsemill.packages.peers import FROM_WORKER
from pulsemill.rest.code import builtin_file
from pulsemill.rest.errors import RestError
from pulsemill.rest.kinds import FUNCTION, kind_of
from pulsemill.rest.lookup import existing_component, require_initialized
from pulsemill.rest.multipart import read_form
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, PackageLocationMetaData

_CHUNK_BYTES = 2**18


async def upload_package(ports: RestPorts, request: Request) -> Response:
    """Keep a file under a path of the caller's choice, to be downloaded by it."""
    require_initialized(ports)
    async with read_form(request, ports.packages) as form:
        path, upload = form.text("path"), form.upload("data")
        if path is None or upload is None:
            raise RestError(400, f"Function Package is not provided {path or ''}".rstrip())
        await upload.finish()
        await ports.packages.put(path, upload)
    return Response(status_code=204)


async def download_package(ports: RestPorts, request: Request) -> Response:
    """What is at a path: an upload's own, or any function's packagePath."""
    require_initialized(ports)
    path = request.query_params.get("path", "").strip()
    if not path:
        raise RestError(400, "The query parameter path says which package to download")
    uploaded = ports.packages.uploaded(path)
    if await asyncio.to_thread(uploaded.is_file):
        return await _send_file(uploaded, path)
    for metadata in ports.functions.all():
        for location in (metadata.packageLocation, metadata.transformFunctionPackageLocation):
            if location.packagePath == path:
                return await _send(ports, request, location, metadata)
    raise RestError(404, f"No package is stored at {path}")


async def download_function(ports: RestPorts, request: Request) -> Response:
    """The code of a function, source or sink; `transform-function=true` asks for a sink's transform function."""
    metadata = existing_component(ports, request)
    is_transform = request.query_params.get("transform-function", "false").lower() == "true"
    location = metadata.transformFunctionPackageLocation if is_transform else metadata.packageLocation
    if not location.packagePath:
        raise RestError(404, f"{metadata.functionDetails.name} has no such package")
    return await _send(ports, request, location, metadata)


async def _send(
    ports: RestPorts, request: Request, location: PackageLocationMetaData, metadata: FunctionMetaData
) -> Response:
    name = download_file_name(location, metadata.functionDetails)
    if location.packagePath.startswith(BUILTIN):
        is_transform = location == metadata.transformFunctionPackageLocation
        kind = FUNCTION if is_transform else kind_of(metadata)
        return await _send_file(builtin_file(ports, kind, location.packagePath), name)
    ask_peers = FROM_WORKER not in request.headers
    try:
        async with ports.reader.open(location.packagePath, name, ask_peers=ask_peers) as upload:
            return await _send_file(upload.file, name)
    except PackageMissingError as error:
        raise RestError(404, str(error)) from error


async def _send_file(file: Path, name: str) -> Response:
    """Stream a file that may be deleted as soon as this returns. Upstream labels packages application/json."""
    try:
        reader = await asyncio.to_thread(file.open, "rb")
    except FileNotFoundError as error:
        raise RestError(404, f"The package {name} is not in this worker's store") from error
    headers = {
        "Content-Length": str(os.fstat(reader.fileno()).st_size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(safe_file_name(name), safe='')}",
    }
    return StreamingResponse(_chunks(reader), headers=headers, media_type="application/octet-stream")


async def _chunks(reader: BinaryIO) -> AsyncIterator[bytes]:
    with reader:
        while chunk := await asyncio.to_thread(reader.read, _CHUNK_BYTES):
            yield chunk
