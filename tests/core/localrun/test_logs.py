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


def test_a_file_that_goes_while_another_is_read_is_passed_by(tmp_path: Path) -> None:
    shown: list[str] = []

    def show(line: str) -> None:
        shown.append(line)
        (tmp_path / "b.log").unlink(missing_ok=True)

    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.log").write_text(f"{name}\n")
    LogFollower(tmp_path, show).look()

    assert shown == ["a", "c"]


def test_at_the_end_nobody_needs_to_be_there(tmp_path: Path) -> None:
    def show(_: str) -> None:
        raise BrokenPipeError

    (tmp_path / "a.log").write_text("a\n")
    LogFollower(tmp_path, show).look_last()
