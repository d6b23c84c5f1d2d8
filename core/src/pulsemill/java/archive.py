"""Finds classes and files in a jar or a NAR: in the archive itself, then in the jars that a NAR bundles.

Everything read is bounded, since archives come from outside. Blocks: call it in a thread.
"""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from pulsemill.errors import PackageError
from pulsemill.java.class_file import JavaClass, read_class
from pulsemill.java.errors import MalformedClassError
from pulsemill.java.known import KNOWN_CLASSES
from pulsemill.zips import open_zip

MAX_CLASS_BYTES = 2**23
MAX_BUNDLED_BYTES = 2**30
MAX_BUNDLED_JARS = 2000

_SPOOL_BYTES = 2**24
_COPY_BYTES = 2**20
_BUNDLED = "META-INF/bundled-dependencies/"
_PREFIXES = ("", "META-INF/classes/", "classes/")
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)
"""What Python's zip reader says of archives that are damaged, encrypted or compressed in unknown ways."""


class JavaArchive:
    """An open jar or NAR; made by `open_archive`."""

    def __init__(self, archive: zipfile.ZipFile, stack: ExitStack) -> None:
        self._jars = [archive]
        self._bundled = self._open_bundled(archive)
        self._stack = stack
        self._classes: dict[str, JavaClass | None] = {}

    def find_class(self, name: str) -> JavaClass | None:
        """A class of the archive or one that every Java program has; None when there is neither."""
        if name not in self._classes:
            self._classes[name] = KNOWN_CLASSES.get(name) or self._read_class(name)
        return self._classes[name]

    def read_text(self, path: str, max_bytes: int) -> str | None:
        """A text file of the archive itself, None without; raises PackageError for one that is too large."""
        content = _read(self._jars[0], path, max_bytes)
        return None if content is None else content.decode(errors="replace")

    def _read_class(self, name: str) -> JavaClass | None:
        path = f"{name.replace('.', '/')}.class"
        for jar in self._all_jars():
            for prefix in _PREFIXES:
                content = _read(jar, prefix + path, MAX_CLASS_BYTES)
                if content is not None:
                    return _checked(read_class(content), name)
        return None

    def _all_jars(self) -> Iterator[zipfile.ZipFile]:
        yield from self._jars
        for jar in self._bundled:
            self._jars.append(jar)
            yield jar

    def _open_bundled(self, archive: zipfile.ZipFile) -> Iterator[zipfile.ZipFile]:
        entries = [each for each in archive.infolist() if each.filename.startswith(_BUNDLED)]
        jars = [each for each in entries if each.filename.endswith(".jar")][:MAX_BUNDLED_JARS]
        remaining = MAX_BUNDLED_BYTES
        for entry in jars:
            file: IO[bytes] = self._stack.enter_context(_temporary_file())
            remaining -= _copy(archive, entry, file, remaining)
            with suppress(zipfile.BadZipFile):  # Java's loader skips it, too
                yield self._stack.enter_context(_open_jar(entry, file))


@contextmanager
def _open_jar(entry: zipfile.ZipInfo, file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        with open_zip(file) as jar:
            yield jar
    except zipfile.LargeZipFile as error:
        raise PackageError(f"The archive's bundled jar {entry.filename!r} cannot be read: {error}") from error


@contextmanager
def _temporary_file() -> Iterator[IO[bytes]]:
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as file:
        yield file


@contextmanager
def open_archive(file: Path) -> Iterator[JavaArchive]:
    """Open a jar or NAR; raises PackageError with upstream's words for a file that is no zip."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(open_zip(stack.enter_context(file.open("rb"))))
        except _ZIP_ERRORS as error:
            raise PackageError("java.util.zip.ZipException: zip END header not found") from error
        yield JavaArchive(archive, stack)


def _read(archive: zipfile.ZipFile, path: str, max_bytes: int) -> bytes | None:
    try:
        with archive.open(path) as reader:
            content = reader.read(max_bytes + 1)
    except KeyError:
        return None
    except _ZIP_ERRORS as error:
        raise PackageError(f"The archive's entry {path!r} cannot be read: {error}") from error
    if len(content) > max_bytes:
        raise PackageError(f"The archive's entry {path!r} is larger than {max_bytes} bytes")
    return content


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: IO[bytes], max_bytes: int) -> int:
    copied = 0
    try:
        with archive.open(entry) as reader:
            while chunk := reader.read(_COPY_BYTES):
                copied += len(chunk)
                if copied > max_bytes:
                    raise PackageError(f"The archive's bundled jars are larger than {MAX_BUNDLED_BYTES} bytes")
                target.write(chunk)
    except _ZIP_ERRORS as error:
        raise PackageError(f"The archive's entry {entry.filename!r} cannot be read: {error}") from error
    return copied


def _checked(found: JavaClass, name: str) -> JavaClass:
    if found.name != name:
        raise MalformedClassError(f"the class file of {name} holds {found.name}")
    return found
