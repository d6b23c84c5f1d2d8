import fcntl
from pathlib import Path

import pytest

from pulsemill_instance.private_folder import LOCK, PrivateFolder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "fn.zip").touch()
    return tmp_path / "fn.zip"


def test_a_folder_is_empty_private_and_beside_its_package(package: Path) -> None:
    folder = PrivateFolder.beside(package)
    assert folder.path.parent == package.parent
    assert [path.name for path in folder.path.iterdir()] == [LOCK]
    assert folder.path.stat().st_mode & 0o077 == 0


def test_closing_deletes_it_and_may_be_repeated(package: Path) -> None:
    folder = PrivateFolder.beside(package)
    (folder.path / "code").mkdir()
    folder.close()
    folder.close()
    assert list(package.parent.iterdir()) == [package]


def test_instances_of_one_package_do_not_disturb_each_other(package: Path) -> None:
    first, second = PrivateFolder.beside(package), PrivateFolder.beside(package)
    assert first.path != second.path
    assert first.path.exists()


def test_what_a_killed_process_left_is_swept_away(package: Path) -> None:
    killed = PrivateFolder.beside(package)
    fcntl.flock(killed._lock, fcntl.LOCK_UN)  # as the kernel does when a process ends
    (killed.path / "code").mkdir()
    PrivateFolder.beside(package)
    assert not killed.path.exists()


def test_only_folders_of_its_own_are_swept(package: Path) -> None:
    others = [package.parent / name for name in (".fn.zip-x", ".other.zip-1.unpacked", ".fn.zip-1.unpacked")]
    for other in others:
        other.mkdir()
    victim = package.parent / "victim"
    victim.mkdir()
    (victim / LOCK).touch()
    (package.parent / ".fn.zip-2.unpacked").symlink_to(victim)
    PrivateFolder.beside(package)
    assert all(other.exists() for other in [*others, victim / LOCK])
