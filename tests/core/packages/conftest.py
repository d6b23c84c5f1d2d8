"""Stores, archives and fetchers for the tests of packages."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload


@pytest.fixture
def store(tmp_path: Path) -> PackageStore:
    return PackageStore(tmp_path / "packages", max_bytes=10_000)


@pytest.fixture
def make_zip() -> Callable[..., bytes]:
    """A zip archive with entries of given names."""

    def make(*names: str | zipfile.ZipInfo) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, "content")
        return file.getvalue()

    return make


@pytest.fixture
def upload(store: PackageStore) -> Callable[..., object]:
    """A finished upload of some bytes."""

    async def make(content: bytes, name: str = "x.py") -> Upload:
        begun = store.begin(name)
        await begun.write(content)
        await begun.finish()
        return begun

    return make
