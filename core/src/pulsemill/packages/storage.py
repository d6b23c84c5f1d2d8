"""Where the code that users upload is kept for the whole cluster.

The configuration chooses one implementation (`pulsemill.packages.choice`). What a storage keeps has a path, and only
the functions' metadata refers to paths: a package that no metadata names is garbage, whatever led to it.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import attrs

from pulsemill.errors import MetadataWriteError, PulsemillError
from pulsemill.names import FunctionName
from pulsemill.packages.upload import Upload
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, PackageLocationMetaData

IsUsed = Callable[[str], bool]
"""Says whether any function's metadata refers to a package, by its path, digest or key (`filenames.references`)."""

_KINDS = {FunctionDetails.ComponentType.SOURCE: "source", FunctionDetails.ComponentType.SINK: "sink"}


@attrs.frozen
class PackageOwner:
    """Whom a new package is for: the component, its kind (function, source or sink) and its metadata's version."""

    name: FunctionName
    version: int
    kind: str = "function"

    @classmethod
    def of(cls, metadata: FunctionMetaData) -> "PackageOwner":
        """The component that metadata describes."""
        details = metadata.functionDetails
        return cls(FunctionName.of(details), metadata.version, _KINDS.get(details.componentType, "function"))


class PackageStorage(Protocol):
    """Keeps packages. Called on the event loop. PackageStorageError: it cannot now."""

    def hold(self, upload: Upload, owner: PackageOwner, is_used: IsUsed) -> AbstractAsyncContextManager[str]:
        """Keep a finished upload and give its path, for the body to write the metadata that refers to it.

        When the body is refused the package goes. When nobody knows whether the metadata is stored it stays, and a
        sweep decides.
        """

    async def load(self, path: str, into: Upload) -> None:
        """Write what is at a path; PackageMissingError when there is nothing, or the path is not of this storage."""

    async def delete_unused(self, location: PackageLocationMetaData, is_used: IsUsed) -> None:
        """Delete what was kept for a function that is gone or has other code now. Failures are logged, not raised."""

    async def sweep(self, is_used: IsUsed) -> int:
        """Delete what nothing refers to and say how many; for a worker's start, after it has replayed its metadata."""


def is_refusal(error: BaseException) -> bool:
    """Whether an error of writing metadata means that it is certainly not stored."""
    return isinstance(error, PulsemillError) and not isinstance(error, MetadataWriteError)
