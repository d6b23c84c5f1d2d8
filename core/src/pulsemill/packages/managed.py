"""Packages in Pulsar's packages service, named as upstream names them: `function://tenant/namespace/name@version`.

The version is the metadata's. Where it is taken, by what a Java worker or a user left there, the next free number is:
nothing of others is overwritten, and no name is lost for ever. What users put there themselves is never deleted: only a
package that was uploaded with a function has an original file name in the function's metadata.
"""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import attrs

from pulsemill.errors import PackageError
from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.names import PackageName, is_managed
from pulsemill.packages.service import PackageExistsError, PackagesService
from pulsemill.packages.storage import IsUsed, PackageOwner, is_refusal
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from pulsemill_instance.proto.Function_pb2 import PackageLocationMetaData

ATTEMPTS: Final = 5

log = logging.getLogger(__name__)


@attrs.frozen
class ManagedPackageStorage:
    """The packages service as the storage; `store` is only for files on their way."""

    service: PackagesService
    store: PackageStore

    @asynccontextmanager
    async def hold(self, upload: Upload, owner: PackageOwner, is_used: IsUsed) -> AsyncIterator[str]:
        """Keep an upload while its metadata is written."""
        name = await self._upload(upload, owner)
        try:
            yield str(name)
        except BaseException as error:
            if is_refusal(error) and not is_used(str(name)):
                await self._delete(name)
            raise

    async def load(self, path: str, into: Upload) -> None:
        """Write what is at a path."""
        if not is_managed(path):
            raise PackageMissingError(path, "the broker's packages service")
        await self.service.download(PackageName.parse(path), into)

    async def delete_unused(self, location: PackageLocationMetaData, is_used: IsUsed) -> None:
        """Delete a function's package if it was uploaded with the function."""
        path = location.packagePath
        if is_managed(path) and location.originalFileName and not is_used(path):
            await self._delete(PackageName.parse(path))

    async def sweep(self, is_used: IsUsed) -> int:
        """Delete unused files on this worker's disk. In the service nothing tells them from what is another's."""
        return await self.store.sweep(is_used)

    async def _upload(self, upload: Upload, owner: PackageOwner) -> PackageName:
        name = PackageName(owner.kind, owner.name.tenant, owner.name.namespace, owner.name.name, str(owner.version))
        now = time.time_ns() // 1_000_000
        metadata = {"createTime": now, "modificationTime": now, "properties": {"fileName": upload.original_name}}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self.service.upload(name, upload.file, metadata)
            except PackageExistsError:
                if attempt == ATTEMPTS:
                    raise
                name = attrs.evolve(name, version=str(await self._free_number(name)))
            except BaseException:
                await self._delete(name)
                raise
            else:
                break
        return name

    async def _free_number(self, taken: PackageName) -> int:
        versions = [taken.version, *await self.service.versions(taken)]
        return max(int(version) for version in versions if version.isdecimal()) + 1

    async def _delete(self, name: PackageName) -> None:
        try:
            await self.service.delete(name)
        except PackageError as error:
            log.warning("the unused package %s stays: %s", name, error)
