"""The directory of a standalone worker."""

import os
from pathlib import Path

import pytest

from pulsemill.broker.data_directory import DataDirectory, DataDirectoryError


def test_is_made_with_its_parents(tmp_path: Path) -> None:
    with DataDirectory(tmp_path / "a" / "b") as data:
        assert data.logs.is_dir()


def test_belongs_to_one_worker(tmp_path: Path) -> None:
    with DataDirectory(tmp_path), pytest.raises(DataDirectoryError) as refusal, DataDirectory(tmp_path):
        pass
    assert f"data directory {tmp_path} is in use by pid {os.getpid()}" in str(refusal.value)


def test_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with DataDirectory(tmp_path):
            pass


def test_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DataDirectoryError, match="file/data cannot be used: Not a directory"),
        DataDirectory(tmp_path / "file" / "data"),
    ):
        pass


def test_stays_where_it_was_when_the_working_directory_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = DataDirectory(Path("data"))
    monkeypatch.chdir("/")
    assert data.broker == tmp_path / "data" / "broker"
