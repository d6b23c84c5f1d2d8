"""Checks of zip archives by their central directory alone: nothing is unpacked."""

import stat
import zipfile
from pathlib import Path

from pulsemill.errors import PackageError
from pulsemill.zips import open_zip

MAX_ENTRIES = 100_000
MAX_UNPACKED_BYTES = 4 * 2**30

_CHECKED_SUFFIXES = (".zip", ".whl", ".jar", ".nar")
_ENCRYPTED = 0x1


def is_archive_name(name: str) -> bool:
    """Whether a file of this name has to be a zip archive."""
    return name.lower().endswith(_CHECKED_SUFFIXES)


def check_archive(file: Path, name: str) -> None:
    """Raise PackageError unless the file is a sound zip whose entries stay where they are unpacked.

    `name` is what the user called it and is only for messages. Blocks: it reads the central directory.
    """
    entries = _entries(file, name)
    if len(entries) > MAX_ENTRIES:
        raise PackageError(f"{name}: the archive has {len(entries)} entries, at most {MAX_ENTRIES} are allowed")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise PackageError(
            f"{name}: the archive would unpack to {unpacked} bytes, at most {MAX_UNPACKED_BYTES} are allowed"
        )
    for entry in entries:
        problem = _problem(entry)
        if problem:
            raise PackageError(f"{name}: the archive's entry {entry.orig_filename!r} {problem}")


def _entries(file: Path, name: str) -> list[zipfile.ZipInfo]:
    try:
        with file.open("rb") as opened, open_zip(opened) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError) as error:
        raise PackageError(f"{name}: not a usable zip archive: {error}") from error


def _problem(entry: zipfile.ZipInfo) -> str | None:
    path = entry.orig_filename.replace("\\", "/")
    if "\0" in path or not path.strip("/"):
        return "has no usable name"
    if path.startswith("/") or path[1:2] == ":":
        return "has an absolute path; make it relative"
    if ".." in path.split("/"):
        return "climbs out of the archive with '..'"
    return _unsafe_kind(entry)


def _unsafe_kind(entry: zipfile.ZipInfo) -> str | None:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a special file; only files and folders are allowed"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted; instances cannot read it"
    return None
