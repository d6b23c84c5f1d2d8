"""Packages as objects in a place that all workers of a cluster reach, each under a key that is used once.

No two registrations share an object, not even of equal content: so whoever replaces or deletes a function may delete
its object without asking the other workers. An object becomes visible by the metadata that names it. What a crash
leaves behind is swept once it is old enough to belong to no request that is still running anywhere.
"""

import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

import attrs

from pulsemill.errors import PackageError
from pulsemill.packages.errors import PackageMissingError
from pulsemill.packages.filenames import key_of, package_path
from pulsemill.packages.storage import IsUsed, PackageOwner, is_refusal
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from pulsemill_instance.proto.Function_pb2 import PackageLocationMetaData

SWEEP_AGE_SECONDS: Final = 3600.0

_TIME_DIGITS: Final = 12
_KEY: Final = re.compile("[0-9a-f]{32}")

log = logging.getLogger(__name__)


class PackageObjects(Protocol):
    """A flat place for files. Keys are 32 hexadecimal digits. PackageStorageError: it does not answer as it should."""

    @property
    def place(self) -> str:
        """What people call it."""

    async def put(self, key: str, file: Path) -> None:
        """Write a new object."""

    async def get(self, key: str, into: Upload) -> None:
        """Write an object's content into an upload; PackageMissingError when there is no whole one."""

    async def delete(self, key: str) -> None:
        """Delete an object, whole or not, if it is there."""

    async def keys(self) -> Collection[str]:
        """The keys of all objects, whole or not, and names of whatever else is there."""


def new_key(now: float) -> str:
    """A key that nothing had before, with its time in front."""
    return f"{int(now * 1000):0{_TIME_DIGITS}x}{secrets.token_hex(10)}"


def age_of(key: str, now: float) -> float:
    """How many seconds ago a key was made."""
    return now - int(key[:_TIME_DIGITS], 16) / 1000


@attrs.frozen
class ObjectPackageStorage:
    """Keeps packages in `objects`; `store` has this worker's copies of those that its instances run."""

    objects: PackageObjects
    store: PackageStore
    now: Callable[[], float] = time.time

    @asynccontextmanager
    async def hold(self, upload: Upload, owner: PackageOwner, is_used: IsUsed) -> AsyncIterator[str]:
        """Keep an upload while its metadata is written."""
        key = new_key(self.now())
        try:
            await self.objects.put(key, upload.file)
        except BaseException:
            await self._delete(key)
            raise
        try:
            yield package_path(owner.name, upload.digest, upload.original_name, key)
        except BaseException as error:
            if is_refusal(error):
                await self._delete(key)
            raise

    async def load(self, path: str, into: Upload) -> None:
        """Write what is at a path."""
        key = key_of(path)
        if key is None:
            raise PackageMissingError(path, self.objects.place)
        await self.objects.get(key, into)

    async def delete_unused(self, location: PackageLocationMetaData, is_used: IsUsed) -> None:
        """Delete a function's package."""
        key = key_of(location.packagePath)
        if key is not None and not is_used(key):
            await self._delete(key)

    async def sweep(self, is_used: IsUsed) -> int:
        """Delete what crashes left behind, here and in the shared place."""
        deleted = await self.store.sweep(is_used)
        try:
            keys = await self.objects.keys()
        except PackageError as error:
            log.warning("unused packages stay until the next start: %s", error)
            return deleted
        unused = [key for key in keys if _KEY.fullmatch(key) and not is_used(key)]
        old = [key for key in unused if age_of(key, self.now()) > SWEEP_AGE_SECONDS]
        return deleted + sum([await self._delete(key) for key in old])

    async def _delete(self, key: str) -> bool:
        try:
            await self.objects.delete(key)
        except PackageError as error:
            log.warning("the unused package %s stays, a later start tries again: %s", key, error)
            return False
        return True
