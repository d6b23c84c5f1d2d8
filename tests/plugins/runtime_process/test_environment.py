from pathlib import Path

from pulsemill_runtime_process.environment import instance_environment


def test_the_workers_environment_is_kept() -> None:
    assert instance_environment({"HOME": "/root"}, None, {}) == {"HOME": "/root"}


def test_extra_dependencies_follow_what_python_path_has() -> None:
    assert instance_environment({"PYTHONPATH": "/a:/b"}, Path("/extra"), {}) == {"PYTHONPATH": "/a:/b:/extra"}


def test_extra_dependencies_alone_leave_no_empty_entry() -> None:
    assert instance_environment({}, Path("/extra"), {}) == {"PYTHONPATH": "/extra"}
    assert instance_environment({"PYTHONPATH": ""}, Path("/extra"), {}) == {"PYTHONPATH": "/extra"}


def test_secrets_come_last() -> None:
    assert instance_environment({"TOKEN": "worker"}, None, {"TOKEN": "function"}) == {"TOKEN": "function"}
