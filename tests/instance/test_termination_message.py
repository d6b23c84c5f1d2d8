"""Why a container ended, for Kubernetes."""

from pathlib import Path

from pulsemill_instance.termination_message import LONGEST_BYTES, leave_termination_message


def test_the_last_reason_is_left(tmp_path: Path) -> None:
    file = tmp_path / "termination-log"
    file.write_text("a longer reason of an earlier try")
    leave_termination_message("why", file)
    assert file.read_text() == "why"


def test_outside_of_a_pod_nothing_is_made(tmp_path: Path) -> None:
    leave_termination_message("why", tmp_path / "termination-log")
    assert list(tmp_path.iterdir()) == []


def test_no_more_is_written_than_kubernetes_reads(tmp_path: Path) -> None:
    file = tmp_path / "termination-log"
    file.touch()
    leave_termination_message("x" * 2 * LONGEST_BYTES, file)
    assert file.stat().st_size == LONGEST_BYTES
