"""Packages on the disk of the one worker that received them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.filenames import digest_of, package_path
from pulsemill.packages.storage import IsUsed, PackageOwner
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from pulsemill_instance.proto.Function_pb2 import PackageLocationMetaData


@attrs.frozen
class LocalPackageStorage:
    """The worker's own store as the storage: equal packages are one file, and no other worker reaches it."""

    store: PackageStore

    @asynccontextmanager
    async def hold(self, upload: Upload, owner: PackageOwner, is_used: IsUsed) -> AsyncIterator[str]:
        """Keep an upload while its metadata is written."""
        async with self.store.hold(upload, is_used) as digest:
            yield package_path(owner.name, digest, upload.original_name)

    async def load(self, path: str, into: Upload) -> None:
        """Write what is at a path."""
        digest = digest_of(path)
        if digest is None:
            raise PackageMissingError(path, "this worker's store")
        await self.store.load(digest, into)

    async def delete_unused(self, location: PackageLocationMetaData, is_used: IsUsed) -> None:
        """Delete a function's package unless another one has the same."""
        digest = digest_of(location.packagePath)
        if digest is not None:
            await self.store.delete_unused(digest, is_used)

    async def sweep(self, is_used: IsUsed) -> int:
        """Delete all unused packages."""
        return await self.store.sweep(is_used)
