"""Progress of uploads."""

from pathlib import Path

import pytest

from pulsemill.cli import progress
from pulsemill.cli.progress import BIG, ReportingFile, open_with_progress


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(b"x" * BIG)
    return path


def test_a_file_tells_how_far_it_was_read_and_starts_over_when_it_is_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    seen: list[int] = []
    ended: list[bool] = []
    with ReportingFile(path, seen.append, lambda: ended.append(True)) as file:
        assert file.read(3) == b"123"
        file.seek(0)
        assert file.read() == b"12345"
        assert ended == []

    assert (seen, ended) == ([3, 5], [True])


def test_a_bar_is_shown_for_big_files_on_a_terminal(big: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    with open_with_progress(big) as file:
        assert isinstance(file, ReportingFile)
        assert len(file.read()) == BIG


def test_small_files_and_programs_get_none(big: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_with_progress(big) as file:
        assert not isinstance(file, ReportingFile)
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    small = tmp_path / "small.py"
    small.touch()
    with open_with_progress(small) as file:
        assert not isinstance(file, ReportingFile)
