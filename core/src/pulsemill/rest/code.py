"""Where a request's code comes from: a URL, an upload, or a built-in archive."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import attrs

from pulsemill.errors import PackageError
from pulsemill.functions.conversion import BUILTIN
from pulsemill.functions.enums import Runtime
from pulsemill.packages.archive import check_archive
from pulsemill.packages.errors import PackageUrlRefusedError
from pulsemill.packages.filenames import download_name_of_url
from pulsemill.packages.locations import shown_location
from pulsemill.packages.names import is_managed
from pulsemill.packages.storage import PackageOwner
from pulsemill.packages.upload import Upload
from pulsemill.packages.urls import PackageUrls
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.kinds import FUNCTION, CodeFiles, Kind
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, PackageLocationMetaData

log = logging.getLogger(__name__)


@attrs.frozen
class Code:
    """A request's package: `upload` to be kept, or `location` to be stored as it is, which may hold a password."""

    upload: Upload | None = None
    location: str = attrs.field(default="", repr=False)

    @property
    def is_builtin(self) -> bool:
        """Whether the operator provides the code."""
        return self.location.startswith(BUILTIN)


def requested_code(kind: Kind, form: Form, config: Any) -> Code | None:
    """What the request brought or named, if anything; built-in code wins over a URL, a URL over an upload."""
    reference = getattr(config, kind.reference) or ""
    if reference.startswith(BUILTIN):
        return Code(location=reference)
    url = form.text("url")
    if url:
        if "://" not in url:
            raise PackageUrlRefusedError("it has no scheme")
        return Code(location=url)
    upload = form.upload("data")
    return Code(upload) if upload else None


def requested_transform(config: Any) -> Code | None:
    """The transform function that a sink names."""
    reference = getattr(config, "transform_function", None)
    return Code(location=reference) if reference else None


def stored_transform(metadata: FunctionMetaData) -> Code | None:
    """The transform function that a sink has already."""
    path = metadata.transformFunctionPackageLocation.packagePath
    return Code(location=path) if path else None


@asynccontextmanager
async def code_files(
    ports: RestPorts, kind: Kind, config: Any, code: Code, transform: Code | None
) -> AsyncIterator[CodeFiles]:
    """The code as files while the body looks into them, URLs read once to see that they are there and sound."""
    async with AsyncExitStack() as stack:
        file = await stack.enter_async_context(_opened(ports, kind, code))
        if _is_java(kind, config):
            await asyncio.to_thread(check_archive, file, code.upload.original_name if code.upload else file.name)
        yield CodeFiles(file, await _transform_file(ports, transform, stack) if transform else None)


@asynccontextmanager
async def stored_files(
    ports: RestPorts, kind: Kind, config: Any, metadata: FunctionMetaData
) -> AsyncIterator[CodeFiles]:
    """The packages of a component as files, as far as they can be read and something can be told from them."""
    async with AsyncExitStack() as stack:
        files = CodeFiles()
        if _is_java(kind, config):
            code = await _stored_file(ports, kind, metadata.packageLocation, stack)
            transform = await _stored_file(ports, FUNCTION, metadata.transformFunctionPackageLocation, stack)
            complete = transform or not metadata.transformFunctionPackageLocation.packagePath
            files = CodeFiles(code, transform) if complete else files
        yield files


@asynccontextmanager
async def stored_code(ports: RestPorts, code: Code, owner: PackageOwner) -> AsyncIterator[PackageLocationMetaData]:
    """The code's location while the body writes the metadata; an upload that nothing refers to then is dropped."""
    if code.upload is None:
        yield PackageLocationMetaData(packagePath=code.location)
        return
    async with ports.storage.hold(code.upload, owner, ports.is_package_used) as path:
        yield PackageLocationMetaData(packagePath=path, originalFileName=code.upload.original_name)


def _is_java(kind: Kind, config: Any) -> bool:
    return not kind.is_function or config.runtime is Runtime.JAVA


@asynccontextmanager
async def _opened(ports: RestPorts, kind: Kind, code: Code) -> AsyncIterator[Path]:
    if code.upload is not None:
        await code.upload.finish()
        yield code.upload.file
    elif code.is_builtin:
        yield builtin_file(ports, kind, code.location)
    else:
        if not is_managed(code.location):
            urls = PackageUrls.for_functions if kind.is_function else PackageUrls.for_connectors
            urls(ports.config).check(code.location)
        async with ports.reader.open(code.location, download_name_of_url(code.location)) as upload:
            yield upload.file


def builtin_file(ports: RestPorts, kind: Kind, reference: str) -> Path:
    """The archive that `builtin://<name>` stands for in this worker; RestError when there is none."""
    archives = ports.builtins.functions if kind.is_function else ports.builtins.connectors
    builtin = archives.find(reference)
    if builtin is not None:
        return builtin.file
    if kind.is_function:
        raise RestError(400, f"No Function {reference.removeprefix(BUILTIN)} found")
    raise RestError(400, f"Built-in {kind.name.lower()} is not available")


async def _transform_file(ports: RestPorts, transform: Code, stack: AsyncExitStack) -> Path:
    if transform.is_builtin and ports.builtins.functions.find(transform.location) is None:
        raise RestError(400, "Built-in SINK is not available")
    file = await stack.enter_async_context(_opened(ports, FUNCTION, transform))
    await asyncio.to_thread(check_archive, file, file.name)
    return file


async def _stored_file(
    ports: RestPorts, kind: Kind, location: PackageLocationMetaData, stack: AsyncExitStack
) -> Path | None:
    if not location.packagePath:
        return None
    try:
        if location.packagePath.startswith(BUILTIN):
            return builtin_file(ports, kind, location.packagePath)
        name = location.originalFileName or "package"
        return (await stack.enter_async_context(ports.reader.open(location.packagePath, name))).file
    except (PackageError, RestError) as error:
        log.warning("The stored package %s is not looked into: %s", shown_location(location.packagePath), error)
        return None
