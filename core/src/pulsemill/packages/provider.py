"""Brings functions' code to the instances that this worker runs (upstream's FunctionActioner)."""

import asyncio
import shutil
from pathlib import Path

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.functions.identifiers import check_name
from pulsemill.names import FunctionName, InstanceName
from pulsemill.packages.fetch import PackageFetcher
from pulsemill.packages.filenames import digest_of, download_file_name
from pulsemill.packages.locations import check_reference
from pulsemill.packages.store import PackageStore
from pulsemill.runtime import FunctionPackage
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, PackageLocationMetaData

_EXECUTABLE = 0o755


@attrs.frozen
class PackageProvider:
    """Copies each instance's package into a folder of its own, `<directory>/tenant/namespace/name/<instance id>/`.

    Called on the event loop; for one instance never twice at a time.
    """

    store: PackageStore
    fetcher: PackageFetcher
    directory: Path

    @classmethod
    def from_config(cls, config: WorkerConfig, store: PackageStore) -> "PackageProvider":
        """A provider that follows downloadDirectory and the URL allow-list."""
        return cls(store, PackageFetcher.from_config(config), Path(config.download_directory).resolve())

    async def fetch(self, metadata: FunctionMetaData, instance_id: int) -> FunctionPackage:
        """The function's code as a fresh local file; raises PackageError, and leaves nothing, when there is none."""
        details, location = metadata.functionDetails, metadata.packageLocation
        name = InstanceName(FunctionName.of(details), instance_id)
        folder = self.folder(name)
        await asyncio.to_thread(_recreate, folder)
        try:
            code = await self._bring(location, details, folder)
        except BaseException:
            await self.discard(name)
            raise
        return FunctionPackage(code, location.originalFileName or code.name, location.packagePath)

    async def discard(self, name: InstanceName) -> None:
        """Remove an instance's folder, and its function's when it was the last."""
        await asyncio.to_thread(_remove, self.folder(name))

    def folder(self, name: InstanceName) -> Path:
        """Where an instance's copy lives; raises InvalidNameError for a name that would leave the directory."""
        check_name(name.function)
        function = name.function
        return self.directory / function.tenant / function.namespace / function.name / str(name.instance_id)

    async def _bring(self, location: PackageLocationMetaData, details: FunctionDetails, folder: Path) -> Path:
        target = folder / download_file_name(location, details)
        digest = digest_of(location.packagePath)
        if digest is not None:
            await self.store.copy(digest, target)
        else:
            await self._download(check_reference(location.packagePath), target)
        if details.runtime == FunctionDetails.Runtime.GO:
            await asyncio.to_thread(target.chmod, _EXECUTABLE)
        return target

    async def _download(self, url: str, target: Path) -> None:
        upload = self.store.begin(target.name)
        try:
            await self.fetcher.fetch(url, upload)
            await upload.finish()
            await asyncio.to_thread(shutil.move, upload.file, target)
        finally:
            await upload.discard()


def _recreate(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.parent.is_dir() and not any(folder.parent.iterdir()):
        shutil.rmtree(folder.parent, ignore_errors=True)
