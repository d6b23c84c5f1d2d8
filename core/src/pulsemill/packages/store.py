"""The packages on a worker's own disk: one file per content, named by its SHA-256.

Layout under the store's directory: `blobs/<first two digits>/<sha256>` for functions, `uploads/<sha256 of a path>` for
what POST /upload put under a path, and `incoming/` for files that are still being received, with a folder for each
worker, emptied at its start.
The blobs are the packages themselves (`pulsemill.packages.local`) or copies of what another storage keeps.

One event loop owns a store. Commits and deletions of blobs exclude each other by a lock, so a blob is never deleted
between the moment an equal upload finds it and the moment its metadata refers to it: until then it is held.
"""

import asyncio
import hashlib
import logging
import shutil
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.filenames import safe_file_name
from pulsemill.packages.files import copy_durably, replace_durably
from pulsemill.packages.storage import IsUsed, is_refusal
from pulsemill.packages.upload import Upload

log = logging.getLogger(__name__)

_CHUNK_BYTES = 2**20


class PackageStore:
    """The worker's packages on its own disk. Making one removes what an earlier crash of it left half-received."""

    def __init__(self, directory: Path, max_bytes: int, worker_id: str = "") -> None:
        self.directory = directory
        self.max_bytes = max_bytes
        self.worker_id = worker_id
        self._lock = asyncio.Lock()
        self._held: Counter[str] = Counter()
        try:
            shutil.rmtree(self._incoming, ignore_errors=True)
            self._incoming.mkdir(parents=True)
        except OSError as error:
            why = f"{directory} cannot be used: {error.strerror or error}"
            advice = "name a folder that the worker may write to"
            raise ConfigurationError(f"pulsemill.packagesDirectory: {why}; {advice}") from error

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "PackageStore":
        """The store in pulsemill.packagesDirectory, with the limit pulsemill.maxPackageBytes."""
        keys = config.pulsemill
        return cls(Path(keys.packages_directory).resolve(), keys.max_package_bytes, config.worker_id)

    @property
    def _incoming(self) -> Path:
        return self.directory / "incoming" / quote(self.worker_id, safe="").replace(".", "%2E")

    def begin(self, original_name: str = "") -> Upload:
        """A new package to write into, under the user's name for it."""
        return Upload(self._incoming / uuid.uuid4().hex, safe_file_name(original_name), self.max_bytes)

    def path(self, digest: str) -> Path:
        """Where a blob is, whether or not it is there. Only digests made by an upload may come here."""
        return self.directory / "blobs" / digest[:2] / digest

    @asynccontextmanager
    async def hold(self, upload: Upload, is_used: IsUsed) -> AsyncIterator[str]:
        """Keep a finished upload while the body writes the metadata that refers to its digest.

        Afterwards the blob stays only if something uses it. After a failed or unforeseen write nobody knows whether the
        metadata is stored: the blob then stays, and the sweep at the next start decides.
        """
        self._held[upload.digest] += 1
        foreseen = True
        try:
            async with self._lock:
                await asyncio.to_thread(replace_durably, upload.file, self.path(upload.digest))
            yield upload.digest
        except BaseException as error:
            foreseen = is_refusal(error)
            raise
        finally:
            self._held.subtract([upload.digest])
            self._held += Counter()  # drops the zeroes
            if foreseen:
                await self.delete_unused(upload.digest, is_used)

    async def delete_unused(self, digest: str, is_used: IsUsed) -> bool:
        """Delete a blob unless some metadata refers to it or is about to; say whether it is gone."""
        async with self._lock:
            if self._held[digest] or is_used(digest):
                return False
            try:
                await asyncio.to_thread(self.path(digest).unlink, missing_ok=True)
            except OSError as error:
                log.warning("The unused package %s cannot be deleted, the next start tries again: %s", digest, error)
                return False
            return True

    async def sweep(self, is_used: IsUsed) -> int:
        """Delete all unused blobs and return how many; for the worker's start, after it has replayed its metadata."""
        found = await asyncio.to_thread(lambda: [path.name for path in self.directory.glob("blobs/*/*")])
        return sum([await self.delete_unused(digest, is_used) for digest in found])

    async def put(self, path: str, upload: Upload) -> None:
        """Keep a finished upload under a path of the caller's choice, in place of what was there."""
        async with self._lock:
            await asyncio.to_thread(replace_durably, upload.file, self.uploaded(path))

    def uploaded(self, path: str) -> Path:
        """Where `put` keeps a path's file, whether or not it is there."""
        return self.directory / "uploads" / hashlib.sha256(path.encode()).hexdigest()

    async def load(self, digest: str, into: Upload) -> None:
        """Write a blob; PackageMissingError without it. Whether its content is still right is for the caller to see."""
        try:
            with await asyncio.to_thread(self.path(digest).open, "rb") as reader:
                while chunk := await asyncio.to_thread(reader.read, _CHUNK_BYTES):
                    await into.write(chunk)
        except FileNotFoundError as error:
            raise PackageMissingError(digest, "this worker's store") from error

    async def keep(self, upload: Upload) -> None:
        """Copy a finished upload among the blobs, in place of what may be damaged there."""
        async with self._lock:
            await asyncio.to_thread(copy_durably, upload.file, self.path(upload.digest), self._incoming)
