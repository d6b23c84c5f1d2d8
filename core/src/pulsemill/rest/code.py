"""Where a request's code comes from: a URL, an upload, or a built-in function."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from pulsemill.functions.conversion import BUILTIN, builtin_name
from pulsemill.functions.enums import Runtime
from pulsemill.functions.model import FunctionConfig
from pulsemill.packages.errors import PackageUrlRefusedError
from pulsemill.packages.filenames import download_name_of_url
from pulsemill.packages.java import check_java_package
from pulsemill.packages.locations import check_reference
from pulsemill.packages.storage import PackageOwner
from pulsemill.packages.upload import Upload
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import PackageLocationMetaData


@attrs.frozen
class Code:
    """A request's package: `upload` to be kept, or `location` to be stored as it is."""

    upload: Upload | None = None
    location: str = ""


def requested_code(form: Form) -> Code | None:
    """What the request brought, if anything; a URL wins over an upload."""
    url = form.text("url")
    if url:
        return Code(location=url)
    upload = form.upload("data")
    return Code(upload) if upload else None


def require_known_builtin(config: FunctionConfig) -> None:
    """Refuse `builtin://` code, of which this worker has none."""
    builtin = builtin_name(config)
    if builtin is not None:
        check_reference(BUILTIN + builtin)


async def check_code(ports: RestPorts, code: Code | None, config: FunctionConfig) -> Code:
    """The code to register, read once from its URL to see that it is there and sound; raises PackageError."""
    if code is None:
        java = config.runtime is Runtime.JAVA
        raise RestError(400, f"Function {'package' if java else 'Package'} is not provided")
    if code.upload is not None:
        await code.upload.finish()
        await _check_content(code.upload, config)
    else:
        await _try_url(ports, code.location, config)
    return code


@asynccontextmanager
async def stored_code(ports: RestPorts, code: Code, owner: PackageOwner) -> AsyncIterator[PackageLocationMetaData]:
    """The code's location while the body writes the metadata; an upload that nothing refers to then is dropped."""
    if code.upload is None:
        yield PackageLocationMetaData(packagePath=code.location)
        return
    async with ports.storage.hold(code.upload, owner, ports.is_package_used) as path:
        yield PackageLocationMetaData(packagePath=path, originalFileName=code.upload.original_name)


async def _try_url(ports: RestPorts, url: str, config: FunctionConfig) -> None:
    if "://" not in url:
        raise PackageUrlRefusedError("it has no scheme")
    async with ports.reader.open(url, download_name_of_url(url)) as upload:
        await _check_content(upload, config)


async def _check_content(upload: Upload, config: FunctionConfig) -> None:
    if config.runtime is Runtime.JAVA and config.class_name:
        await asyncio.to_thread(check_java_package, upload.file, upload.original_name, config.class_name)
