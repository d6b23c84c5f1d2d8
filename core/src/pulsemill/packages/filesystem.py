"""Packages in whatever fsspec knows: object stores, network file systems, the memory of a test.

Needs `pulsemill[s3]`, `pulsemill[gcs]`, or `pulsemill[fsspec]` and the package of the store's driver (adlfs, ...).
Drivers read credentials from where their platforms keep them. Every call blocks and runs in a thread.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import attrs

from pulsemill.errors import ConfigurationError
from pulsemill.packages.errors import PackageMissingError, PackageStorageError
from pulsemill.packages.upload import Upload

Answer = TypeVar("Answer")

KEY: Final = "pulsemill.packageStorageUrl"

_CHUNK_BYTES = 2**20

# These have no folders, and to make one is to create its bucket: a misspelt one would be made, not reported.
_BUCKET_SCHEMES = frozenset({"abfs", "abfss", "az", "gcs", "gs", "oss", "s3", "s3a"})


@attrs.frozen
class FilePackageObjects:
    """Objects as files of a folder. `filesystem` is an fsspec file system, `url` is shown to people.

    `bucket` is what has to be there beforehand, in stores that have buckets.
    """

    filesystem: Any
    root: str
    url: str
    bucket: str | None = None

    @classmethod
    def at(cls, url: str, *folders: str) -> "FilePackageObjects":
        """The folders below a URL; ConfigurationError when fsspec cannot use it."""
        shown = _without_secrets(url)
        try:
            from fsspec.core import url_to_fs  # noqa: PLC0415 an extra

            # A listing that is kept hides what other workers store meanwhile.
            filesystem, root = url_to_fs(url, use_listings_cache=False)
        except ImportError as error:
            raise ConfigurationError(
                f"{KEY}: {shown} needs pulsemill[fsspec] and the driver of its scheme: {error}"
            ) from error
        except (ValueError, OSError) as error:
            raise ConfigurationError(f"{KEY}: {shown} cannot be used: {error}") from error
        bucket = root.partition("/")[0] if urlsplit(url).scheme in _BUCKET_SCHEMES else None
        return cls(filesystem, "/".join([root.rstrip("/"), *folders]), shown, bucket)

    @property
    def place(self) -> str:
        """What people call it."""
        return self.url

    async def put(self, key: str, file: Path) -> None:
        """Write a new object."""
        await self._in_thread(lambda: self._put(key, file))

    async def get(self, key: str, into: Upload) -> None:
        """Write an object's content into an upload."""
        reader = await self._in_thread(lambda: self._open(key))
        try:
            while chunk := await self._in_thread(lambda: reader.read(_CHUNK_BYTES)):
                await into.write(chunk)
        finally:
            await self._in_thread(reader.close)

    async def delete(self, key: str) -> None:
        """Delete an object."""
        await self._in_thread(lambda: self._delete(key))

    async def keys(self) -> Collection[str]:
        """The keys of all objects."""
        return await self._in_thread(self._keys)

    def _put(self, key: str, file: Path) -> None:
        if self.bucket is None:
            self.filesystem.makedirs(self.root, exist_ok=True)
        self.filesystem.put_file(str(file), self._path(key))

    def _open(self, key: str) -> Any:
        try:
            return self.filesystem.open(self._path(key), "rb")
        except FileNotFoundError as error:
            raise PackageMissingError(key, self.url) from error

    def _delete(self, key: str) -> None:
        try:
            self.filesystem.rm_file(self._path(key))
        except FileNotFoundError:
            return

    def _keys(self) -> Collection[str]:
        try:
            found = self.filesystem.ls(self.root, detail=False)
        except FileNotFoundError:
            if self.bucket is not None and not self.filesystem.exists(self.bucket):
                raise
            return []
        return [path.rpartition("/")[2] for path in found]

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}"

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        with _storing(self.url):
            return await asyncio.to_thread(work)


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


@contextmanager
def _storing(url: str) -> Iterator[None]:
    """Turn any error of a driver, whose classes are its own, into PackageStorageError."""
    try:
        yield
    except PackageMissingError:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        reason = f"not found: {reason}" if isinstance(error, FileNotFoundError) else reason
        raise PackageStorageError(
            f"The package storage {url} fails: {reason}; check that it exists and that the worker may list, read, "
            f"write and delete there ({KEY})"
        ) from error
