"""Reads the code behind a packageLocation, wherever it is (upstream's FunctionActioner and ComponentImpl).

For a package of ours the places are, in this order: this worker's disk, the package storage, the other workers. Content
that does not have the digest in its path is not taken, and the next place is tried.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PackageError
from pulsemill.packages.errors import PackageMissingError, PackageTooLargeError
from pulsemill.packages.fetch import PackageFetcher
from pulsemill.packages.filenames import digest_of
from pulsemill.packages.local import LocalPackageStorage
from pulsemill.packages.locations import check_reference, shown_location
from pulsemill.packages.names import PackageName, is_managed
from pulsemill.packages.peers import Load, PeerPackages
from pulsemill.packages.service import PackagesService
from pulsemill.packages.storage import PackageStorage
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload

log = logging.getLogger(__name__)


@attrs.frozen
class PackageReader:
    """Everything that a package can be read from. Without `service`, names in the packages service are refused."""

    store: PackageStore
    fetcher: PackageFetcher
    storage: PackageStorage
    service: PackagesService | None = None
    peers: PeerPackages | None = None

    @classmethod
    def local(cls, config: WorkerConfig, store: PackageStore) -> "PackageReader":
        """A reader of URLs and of a worker's own disk."""
        return cls(store, PackageFetcher.from_config(config), LocalPackageStorage(store))

    @asynccontextmanager
    async def open(self, location: str, name: str, *, ask_peers: bool = True) -> AsyncIterator[Upload]:
        """The package as a finished upload under a file name, gone afterwards unless its file was moved.

        Raises PackageMissingError, or any other PackageError, when no place has it whole.
        """
        upload = await self._first(location, name, ask_peers=ask_peers)
        try:
            yield upload
        finally:
            await upload.discard()

    async def _first(self, location: str, name: str, *, ask_peers: bool) -> Upload:
        failures: list[PackageError] = []
        async for load in self._sources(location, ask_peers=ask_peers):
            try:
                return await self._loaded(load, location, name)
            except PackageTooLargeError:
                raise
            except PackageError as error:
                log.debug("%s: %s", shown_location(location), error)
                failures.append(error)
        telling = [error for error in failures if not isinstance(error, PackageMissingError)]
        raise (telling or failures)[0]

    async def _loaded(self, load: Load, location: str, name: str) -> Upload:
        upload = self.store.begin(name)
        try:
            await load(upload)
            await upload.finish()
            _require_digest(upload, location)
        except BaseException:
            await upload.discard()
            raise
        return upload

    async def _sources(self, location: str, *, ask_peers: bool) -> AsyncIterator[Load]:
        if is_managed(location) and self.service is not None:
            service, package = self.service, PackageName.parse(location)
            yield lambda into: service.download(package, into)
            return
        if "://" in location:
            reference = check_reference(location)
            yield lambda into: self.fetcher.fetch(reference, into)
            return
        digest = digest_of(location)
        if digest is not None and self.store.path(digest).is_file():
            yield lambda into: self.store.load(digest, into)
        yield lambda into: self.storage.load(location, into)
        if ask_peers and self.peers is not None:
            async for load in self.peers.sources(location):
                yield load


def _require_digest(upload: Upload, location: str) -> None:
    if digest_of(location) not in {None, upload.digest}:
        raise PackageError(f"The package {location!r} is damaged; register the function again")
