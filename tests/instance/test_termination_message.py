"""Why a container ended, for Kubernetes."""

from pathlib import Path

import pytest

from pulsemill_instance import termination_message
from pulsemill_instance.termination_message import LONGEST_BYTES, leave_last_reason, leave_termination_message


def test_the_last_reason_is_left(tmp_path: Path) -> None:
    file = tmp_path / "termination-log"
    file.write_text("a longer reason of an earlier try")
    leave_termination_message("why", file)
    assert file.read_text() == "why"


def test_outside_of_a_pod_nothing_is_made(tmp_path: Path) -> None:
    leave_termination_message("why", tmp_path / "termination-log")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "expected"), [(1, ["why"]), (7, [])])
def test_an_instance_beside_a_worker_leaves_the_workers_message_alone(
    number: int, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setattr(termination_message, "leave_termination_message", left.append)
    monkeypatch.setattr(termination_message.os, "getpid", lambda: number)
    leave_last_reason("why")
    assert left == expected


def test_no_more_is_written_than_kubernetes_reads(tmp_path: Path) -> None:
    file = tmp_path / "termination-log"
    file.touch()
    leave_termination_message("x" * 2 * LONGEST_BYTES, file)
    assert file.stat().st_size == LONGEST_BYTES
