"""Following log files."""

from pathlib import Path

from pulsemill.localrun.logs import LogFollower


def test_whole_lines_are_shown_once(tmp_path: Path) -> None:
    shown: list[str] = []
    follower = LogFollower(tmp_path, shown.append)
    log = tmp_path / "t" / "f-0.log"
    log.parent.mkdir()

    log.write_text("one\ntw")
    follower.look()
    with log.open("a") as file:
        file.write("o\n")
    (tmp_path / "other.txt").write_text("no log\n")
    follower.look()
    follower.look()

    assert shown == ["one", "two"]


def test_a_file_that_was_rotated_is_read_from_its_start(tmp_path: Path) -> None:
    shown: list[str] = []
    follower = LogFollower(tmp_path, shown.append)
    log = tmp_path / "f-0.log"
    log.write_text("a long first line\n")
    follower.look()
    log.write_text("new\n")
    follower.look()

    assert shown == ["a long first line", "new"]
