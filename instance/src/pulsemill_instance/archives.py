"""Safe extraction of archives that others made.

Every name in an archive is hostile: absolute names, names that climb out, links, devices, repeated names, encrypted or
damaged entries and archives that blow up are refused, each with an error that names the archive and the entry. What was
written before an error stays in the target folder, which belongs to the caller and is his to delete.
"""

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

import attrs

from pulsemill_instance.startup_errors import PackageLoadError
from pulsemill_instance.told import MESSAGE_BYTES, told

CHUNK_BYTES = 1 << 20
ENCRYPTED_FLAG = 0x1
DEEPEST = 100
"""Names below each other: Python cannot make thousands of folders so, and no package has them."""
DRIVE = re.compile(r"^[A-Za-z]:")
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


@attrs.frozen
class ExtractionLimits:
    """How much an archive may unpack to: entries, bytes, and bytes per archived byte once past `free_bytes`."""

    entries: int = 100_000
    total_bytes: int = 4 << 30
    ratio: int = 100
    free_bytes: int = 64 << 20

    def allowed_bytes(self, archive_bytes: int) -> int:
        """The bound for an archive of a size."""
        return min(self.total_bytes, max(self.free_bytes, self.ratio * archive_bytes))


def entry_path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Where an entry belongs below the target folder; ValueError with the reason when it is refused."""
    name = entry.orig_filename
    if not name or any(ord(character) < ord(" ") for character in name):
        raise ValueError("its name is empty or holds control characters")
    if name.startswith("/") or "\\" in name or DRIVE.match(name):
        raise ValueError("its name is absolute or not in the form that archives use")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise ValueError("its name climbs out of the archive")
    if len(parts) > DEEPEST:
        raise ValueError(f"its name has {len(parts)} parts, {DEEPEST} are allowed")
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ValueError("it is a link or a special file")
    if entry.flag_bits & ENCRYPTED_FLAG:
        raise ValueError("it is encrypted")
    return PurePosixPath(*parts)


@attrs.define
class _Extraction:
    """One archive on its way into one folder."""

    archive: Path
    target: Path
    bytes_left: int
    written: set[PurePosixPath] = attrs.field(factory=set)

    def extract(self, opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        """Write one entry."""
        try:
            relative = entry_path(entry)
            if entry.is_dir():
                (self.target / relative).mkdir(parents=True, exist_ok=True)
                return
            self._claim(relative)
            with opened.open(entry) as source:
                self._copy(source, self.target / relative)
        except DAMAGE as error:
            name = told(entry.orig_filename, MESSAGE_BYTES)
            raise PackageLoadError(f"Archive {self.archive}: entry {name!r} is refused: {error}") from error

    def _claim(self, relative: PurePosixPath) -> None:
        if relative in self.written:
            raise ValueError("its name appears twice")
        self.written.add(relative)

    def _copy(self, source: IO[bytes], target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as sink:
            while chunk := source.read(CHUNK_BYTES):
                self.bytes_left -= len(chunk)
                if self.bytes_left < 0:
                    raise ValueError("the archive unpacks to more than is allowed")
                sink.write(chunk)


def extract_archive(archive: Path, target: Path, limits: ExtractionLimits | None = None) -> None:
    """Unpack a zip or a wheel into an empty folder; raise PackageLoadError that names the archive and the entry."""
    limits = limits or ExtractionLimits()
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            if len(entries) > limits.entries:
                raise PackageLoadError(f"Archive {archive} has {len(entries)} entries, {limits.entries} are allowed")
            extraction = _Extraction(archive, target, limits.allowed_bytes(archive.stat().st_size))
            for entry in entries:
                extraction.extract(opened, entry)
    except DAMAGE as error:
        raise PackageLoadError(f"Archive {archive} cannot be read: {error}") from error
