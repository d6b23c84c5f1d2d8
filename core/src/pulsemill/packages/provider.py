"""Brings functions' code to the instances that this worker runs (upstream's FunctionActioner)."""

import asyncio
import shutil
import zipfile
from pathlib import Path
from weakref import WeakValueDictionary

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PackageError
from pulsemill.functions.conversion import BUILTIN
from pulsemill.functions.identifiers import check_name
from pulsemill.names import FunctionName, InstanceName
from pulsemill.packages.builtins import Builtins
from pulsemill.packages.filenames import download_file_name, key_of
from pulsemill.packages.names import is_managed
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.store import PackageStore
from pulsemill.runtime import FunctionPackage
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, PackageLocationMetaData

_EXECUTABLE = 0o755
_CONNECTORS = (FunctionDetails.ComponentType.SOURCE, FunctionDetails.ComponentType.SINK)


@attrs.frozen
class PackageProvider:
    """Copies each instance's package into a folder of its own, `<directory>/tenant/namespace/name/<instance id>/`.

    Called on the event loop; for one instance never twice at a time. Of a package that all workers share, the worker's
    store has a copy from the first of its instances to the last, so that instances of one function read it once.
    Built-in archives are not copied.
    """

    store: PackageStore
    reader: PackageReader
    directory: Path
    builtins: Builtins | None = None
    _copies: dict[InstanceName, str] = attrs.field(factory=dict, init=False)
    _reading: WeakValueDictionary[str, asyncio.Lock] = attrs.field(factory=WeakValueDictionary, init=False)

    @classmethod
    def from_config(
        cls, config: WorkerConfig, reader: PackageReader, builtins: Builtins | None = None
    ) -> "PackageProvider":
        """A provider that follows downloadDirectory."""
        return cls(reader.store, reader, Path(config.download_directory).resolve(), builtins)

    async def fetch(self, metadata: FunctionMetaData, instance_id: int) -> FunctionPackage:
        """The function's code as a fresh local file; raises PackageError, and leaves nothing, when there is none."""
        details, location = metadata.functionDetails, metadata.packageLocation
        name = InstanceName(FunctionName.of(details), instance_id)
        folder = self.folder(name)
        await asyncio.to_thread(_recreate, folder)
        try:
            code = await self._bring(location, details, name)
            transform = await self._bring_transform(metadata, name)
        except BaseException:
            await self.discard(name)
            raise
        original_name = location.originalFileName or code.name
        transform_name = transform.name if transform else ""
        return FunctionPackage(code, original_name, location.packagePath, transform, transform_name)

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
        if path.startswith(BUILTIN):
            return self._builtin(path, is_connector=details.componentType in _CONNECTORS)
        if key_of(path) is None:
            target = await self._read(path, target)
        else:
            async with self._reading.setdefault(path, asyncio.Lock()):
                target = await self._read(path, target, copied_for=name)
        if details.runtime == FunctionDetails.Runtime.GO:
            await asyncio.to_thread(target.chmod, _EXECUTABLE)
        return target

    async def _bring_transform(self, metadata: FunctionMetaData, name: InstanceName) -> Path | None:
        location = metadata.transformFunctionPackageLocation
        if not location.packagePath:
            return None
        if location.packagePath.startswith(BUILTIN):
            return self._builtin(location.packagePath, is_connector=False)
        folder = self.folder(name) / "transform"
        await asyncio.to_thread(folder.mkdir)
        return await self._read(location.packagePath, folder / download_file_name(location, metadata.functionDetails))

    def _builtin(self, reference: str, *, is_connector: bool) -> Path:
        """The archive itself, where it is: runtimes only read it."""
        if self.builtins is None:
            raise PackageError(f"{reference} is not available: built-in archives belong to workers")
        archives = self.builtins.connectors if is_connector else self.builtins.functions
        builtin = archives.find(reference)
        if builtin is None:
            raise PackageError(f"{reference} is not among the NAR files in {archives.directory} of this worker")
        return builtin.file

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


@attrs.frozen
class PackageDescriber:
    """Tells externally managed runtimes where packages are; their instances fetch them by themselves."""

    async def fetch(self, metadata: FunctionMetaData, instance_id: int) -> FunctionPackage:
        """The function's package, by its location."""
        location, transform = metadata.packageLocation, metadata.transformFunctionPackageLocation
        return FunctionPackage(
            code=None,
            original_name=location.originalFileName,
            location=location.packagePath,
            transform_original_name=transform.originalFileName,
            transform_location=transform.packagePath,
        )

    async def discard(self, name: InstanceName) -> None:
        """Nothing was brought here."""
        return


def _recreate(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.parent.is_dir() and not any(folder.parent.iterdir()):
        shutil.rmtree(folder.parent, ignore_errors=True)
