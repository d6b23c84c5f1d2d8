"""Archives that must not get into the store."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsemill import zips
from pulsemill.errors import PackageError
from pulsemill.packages import archive
from pulsemill.packages.archive import check_archive, is_archive_name

MakeZip = Callable[..., bytes]


def linked(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (kind | 0o777) << 16
    return entry


def check(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    check_archive(file, "x.zip")


def test_accepts(tmp_path: Path, make_zip: MakeZip) -> None:
    check(tmp_path, make_zip("src/module.py", "a..b/..c.py", "deps/x.whl", "folder/", linked("plain", stat.S_IFREG)))


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("../x.py", "climbs out"),
        ("a/../../x.py", "climbs out"),
        ("a\\..\\..\\x.py", "climbs out"),
        ("..", "climbs out"),
        ("/etc/passwd", "absolute path"),
        ("\\\\server\\x", "absolute path"),
        ("C:\\x", "absolute path"),
        ("a.py\0.txt", "no usable name"),
        (linked("link"), "link or a special file"),
        (linked("pipe", stat.S_IFIFO), "link or a special file"),
        (linked("device", stat.S_IFBLK), "link or a special file"),
    ],
)
def test_refuses(tmp_path: Path, make_zip: MakeZip, entry: str | zipfile.ZipInfo, problem: str) -> None:
    content = make_zip("good.py", entry if isinstance(entry, zipfile.ZipInfo) else entry.replace("\0", "\1"))
    with pytest.raises(PackageError, match=problem):
        check(tmp_path, content.replace(b"\1.txt", b"\0.txt"))


@pytest.mark.parametrize(
    "damage", [lambda _: b"", lambda _: b"not a zip", lambda c: c[:-10], lambda c: c[: len(c) // 2]]
)
def test_refuses_damaged(tmp_path: Path, make_zip: MakeZip, damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(PackageError, match=r"x\.zip: not a usable zip archive"):
        check(tmp_path, damage(make_zip("a.py", "b.py")))


def test_refuses_encrypted(tmp_path: Path, make_zip: MakeZip) -> None:
    content = bytearray(make_zip("a.py"))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(PackageError, match="encrypted"):
        check(tmp_path, bytes(content))


def test_refuses_what_would_unpack_to_too_much(
    tmp_path: Path, make_zip: MakeZip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(PackageError, match="would unpack to 14 bytes"):
        check(tmp_path, make_zip("a", "b"))
    monkeypatch.setattr(archive, "MAX_ENTRIES", 1)
    with pytest.raises(PackageError, match="has 2 entries"):
        check(tmp_path, make_zip("a", "b"))


@pytest.mark.parametrize("entries_of_small_archives", [65535, 1], ids=["zip", "zip64"])
def test_refuses_a_large_directory_unparsed(
    tmp_path: Path, make_zip: MakeZip, monkeypatch: pytest.MonkeyPatch, entries_of_small_archives: int
) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", entries_of_small_archives)
    content = make_zip("a" * 60, "b" * 60)
    monkeypatch.setattr(zips, "MAX_DIRECTORY_BYTES", 212)
    check(tmp_path, content)
    monkeypatch.setattr(zips, "MAX_DIRECTORY_BYTES", 211)
    monkeypatch.setattr(zipfile, "ZipInfo", None)
    with pytest.raises(PackageError, match="its central directory takes 212 bytes, at most 211 are allowed"):
        check(tmp_path, content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 400), byte=st.integers(0, 255))
def test_any_damaged_byte_is_found_or_harmless(tmp_path: Path, make_zip: MakeZip, position: int, byte: int) -> None:
    content = bytearray(make_zip("a.py", "b/c.py"))
    content[position % len(content)] = byte
    try:
        check(tmp_path, bytes(content))
    except PackageError:
        return


@pytest.mark.parametrize(("name", "expected"), [("a.zip", True), ("A.WHL", True), ("a.jar", True), ("a.py", False)])
def test_which_names_are_archives(name: str, expected: bool) -> None:
    assert is_archive_name(name) is expected
