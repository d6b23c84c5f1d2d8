"""Brings functions' code to the instances that this worker runs (upstream's FunctionActioner)."""

import asyncio
import shutil
import zipfile
from pathlib import Path
from weakref import WeakValueDictionary

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.functions.identifiers import check_name
from pulsemill.names import FunctionName, InstanceName
from pulsemill.packages.filenames import download_file_name, key_of
from pulsemill.packages.names import is_managed
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.store import PackageStore
from pulsemill.runtime import FunctionPackage
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, PackageLocationMetaData

_EXECUTABLE = 0o755


@attrs.frozen
class PackageProvider:
    """Copies each instance's package into a folder of its own, `<directory>/tenant/namespace/name/<instance id>/`.

    Called on the event loop; for one instance never twice at a time. Of a package that all workers share, the worker's
    store has a copy from the first of its instances to the last, so that instances of one function read it once.
    """

    store: PackageStore
    reader: PackageReader
    directory: Path
    _copies: dict[InstanceName, str] = attrs.field(factory=dict, init=False)
    _reading: WeakValueDictionary[str, asyncio.Lock] = attrs.field(factory=WeakValueDictionary, init=False)

    @classmethod
    def from_config(cls, config: WorkerConfig, reader: PackageReader) -> "PackageProvider":
        """A provider that follows downloadDirectory."""
        return cls(reader.store, reader, Path(config.download_directory).resolve())

    async def fetch(self, metadata: FunctionMetaData, instance_id: int) -> FunctionPackage:
        """The function's code as a fresh local file; raises PackageError, and leaves nothing, when there is none."""
        details, location = metadata.functionDetails, metadata.packageLocation
        name = InstanceName(FunctionName.of(details), instance_id)
        folder = self.folder(name)
        await asyncio.to_thread(_recreate, folder)
        try:
            code = await self._bring(location, details, name)
        except BaseException:
            await self.discard(name)
            raise
        return FunctionPackage(code, location.originalFileName or code.name, location.packagePath)

    async def discard(self, name: InstanceName) -> None:
        """Remove an instance's folder, and its function's when it was the last."""
        await asyncio.to_thread(_remove, self.folder(name))
        digest = self._copies.pop(name, None)
        if digest is not None and digest not in self._copies.values():
            await self.store.delete_unused(digest, lambda _: digest in self._copies.values())

    def folder(self, name: InstanceName) -> Path:
        """Where an instance's copy lives; raises InvalidNameError for a name that would leave the directory."""
        check_name(name.function)
        function = name.function
        return self.directory / function.tenant / function.namespace / function.name / str(name.instance_id)

    async def _bring(self, location: PackageLocationMetaData, details: FunctionDetails, name: InstanceName) -> Path:
        target = self.folder(name) / download_file_name(location, details)
        path = location.packagePath
        if key_of(path) is None:
            target = await self._read(path, target)
        else:
            async with self._reading.setdefault(path, asyncio.Lock()):
                target = await self._read(path, target, copied_for=name)
        if details.runtime == FunctionDetails.Runtime.GO:
            await asyncio.to_thread(target.chmod, _EXECUTABLE)
        return target

    async def _read(self, path: str, target: Path, *, copied_for: InstanceName | None = None) -> Path:
        async with self.reader.open(path, target.name) as upload:
            if copied_for is not None:
                self._copies[copied_for] = upload.digest
                if not self.store.path(upload.digest).is_file():
                    await self.store.keep(upload)
            if is_managed(path) and target.suffix == ".py" and await asyncio.to_thread(zipfile.is_zipfile, upload.file):
                target = target.with_suffix(".zip")  # the packages service does not know what files are called
            await asyncio.to_thread(shutil.move, upload.file, target)
        return target


def _recreate(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.parent.is_dir() and not any(folder.parent.iterdir()):
        shutil.rmtree(folder.parent, ignore_errors=True)
