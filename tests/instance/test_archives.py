import stat
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.archives import ExtractionLimits, entry_path, extract_archive
from pulsemill_instance.startup_errors import PackageLoadError


def archive_of(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"content")
    return path


def special(path: Path, mode: int) -> Path:
    entry = zipfile.ZipInfo("entry")
    entry.external_attr = (mode | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return path


def test_files_and_folders_are_written(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a.zip", "one.py", "./two/three.py", "empty/")
    extract_archive(archive, tmp_path / "out")
    found = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")}
    assert found == {"one.py", "two", "two/three.py", "empty"}
    assert (tmp_path / "out/two/three.py").read_bytes() == b"content"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py",
        "a/../../evil.py",
        "/etc/evil",
        "//host/evil",
        "C:/evil",
        "C:evil",
        "a\\..\\evil",
        "a\nb",
        "a/b\x7f\x01",
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    archive = archive_of(tmp_path / "a.zip", "fine.py", name)
    with pytest.raises(PackageLoadError) as raised:
        extract_archive(archive, tmp_path / "deep/out")
    assert str(archive) in str(raised.value)
    assert repr(name) in str(raised.value)
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "deep"}


@given(st.text(max_size=30))
def test_no_name_ever_leaves_the_folder(name: str) -> None:
    try:
        path = entry_path(zipfile.ZipInfo(name))
    except ValueError:
        return
    assert not path.is_absolute()
    assert ".." not in path.parts


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_special_files_are_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(PackageLoadError, match="'entry' is refused: it is a link or a special file"):
        extract_archive(special(tmp_path / "a.zip", mode), tmp_path / "out")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_repeated_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageLoadError, match=r"'a.py' is refused: its name appears twice"):
        extract_archive(archive_of(tmp_path / "a.zip", "a.py", "a.py"), tmp_path / "out")


def test_a_file_where_a_folder_must_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageLoadError, match="'a/b' is refused"):
        extract_archive(archive_of(tmp_path / "a.zip", "a", "a/b"), tmp_path / "out")


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a.zip", "a.py")
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(PackageLoadError, match="it is encrypted"):
        extract_archive(archive, tmp_path / "out")


def test_a_bomb_is_stopped_by_what_comes_out_of_it(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("zeros", bytes(30_000_000))
    with pytest.raises(PackageLoadError, match="'zeros' is refused: the archive unpacks to more than is allowed"):
        extract_archive(archive, tmp_path / "out", ExtractionLimits(free_bytes=1_000_000))
    assert (tmp_path / "out/zeros").stat().st_size < 10_000_000


def test_small_archives_may_unpack_to_anything_and_large_ones_in_proportion() -> None:
    limits = ExtractionLimits(total_bytes=1000, ratio=10, free_bytes=50)
    assert [limits.allowed_bytes(size) for size in (1, 5, 6, 99, 101)] == [50, 50, 60, 990, 1000]


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a.zip", "a", "b", "c")
    with pytest.raises(PackageLoadError, match="has 3 entries, 2 are allowed"):
        extract_archive(archive, tmp_path / "out", ExtractionLimits(entries=2))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", b"print('hello')"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(PackageLoadError, match=r"a\.zip cannot be read"):
        extract_archive(tmp_path / "a.zip", tmp_path / "out")


def test_a_damaged_entry_is_refused(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "a.zip", "a.py")
    archive.write_bytes(archive.read_bytes().replace(b"content", b"c0ntent", 1))
    with pytest.raises(PackageLoadError, match=r"'a\.py' is refused: Bad CRC-32"):
        extract_archive(archive, tmp_path / "out")


@given(st.binary(min_size=1, max_size=8), st.integers(0, 400))
def test_damage_is_never_another_error(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    folder = tmp_path_factory.mktemp("damage")
    archive = archive_of(folder / "a.zip", "a.py", "b/c.py")
    data = bytearray(archive.read_bytes())
    data[at % len(data) : at % len(data) + len(noise)] = noise
    archive.write_bytes(data)
    with suppress(PackageLoadError):
        extract_archive(archive, folder / "out")
    assert {path.name for path in folder.iterdir()} <= {"a.zip", "out"}


@pytest.mark.parametrize("end", ["f.py", ""])
def test_folders_below_each_other_without_end_are_refused(tmp_path: Path, end: str) -> None:
    archive = archive_of(tmp_path / "a.zip", "a/" * 30_000 + end)
    with pytest.raises(
        PackageLoadError, match=r"a\.zip: entry 'a/a/.*' is refused: its name has 3000\d parts"
    ) as raised:
        extract_archive(archive, tmp_path / "out")
    assert len(str(raised.value)) < 2000
