"""Every command of upstream's pulsar-admin that talks to a worker, run against ours as `commands.yaml` says."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients import scenario
from tests.plugins.runtime_process.real_broker.workers import Worker
from tests.rig.pulsar_admin import PulsarAdmin

pytestmark = [pytest.mark.pulsar, pytest.mark.timeout(1200)]

DOCUMENT = scenario.read("commands.yaml")
COMMANDS: list[dict[str, Any]] = [command for entry in DOCUMENT["entries"] for command in entry["commands"]]
GROUPS = ("functions", "sources", "sinks", "functions-worker")
AVAILABLE = re.compile(r"^  ([a-z][a-z, -]*[a-z])(?:  |$)", re.MULTILINE)

Answers = list[str]


@pytest.fixture(scope="module")
def admin(worker: Worker, pulsar_admin: Callable[[str], PulsarAdmin]) -> PulsarAdmin:
    return pulsar_admin(worker.web_service_url)


@pytest.fixture(scope="module")
def answers(worker: Worker, admin: PulsarAdmin, folder: Path) -> Answers:
    """What each of the commands printed."""
    printed: Answers = []
    for entry in DOCUMENT["entries"]:
        scenario.await_running(worker, entry["running"])
        lines = [scenario.filled(command["run"], folder=folder) for command in entry["commands"]]
        printed += admin.run_all([shlex.split(line) for line in lines])
    return printed


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=[command["run"].strip() for command in COMMANDS])
def test_command(answers: Answers, number: int) -> None:
    command, answer = COMMANDS[number], answers[number]
    if "fails" in command:
        assert command["fails"] in answer
        return
    assert not re.search(r"Reason: |Exception\b", answer), answer
    if "json" in command:
        scenario.assert_holds(json.loads(answer), command["json"])
    elif "prints" in command:
        assert command["prints"] in answer
    else:
        assert answer == ""


def test_what_was_downloaded(answers: Answers, folder: Path) -> None:
    code = (folder / "code.py").read_text()
    assert [(folder / name).read_text() for name in ("by-path.py", "by-name.py")] == [code, code]


@pytest.mark.parametrize("group", GROUPS)
def test_no_command_of_the_client_is_left_out(answers: Answers, group: str) -> None:
    """A command with two names is run if one of them is."""
    words = [command["run"].split() for command in COMMANDS]
    help_ = answers[words.index([group, "--help"])]
    available = [set(names.split(", ")) for names in AVAILABLE.findall(help_.split("Commands:\n")[1])]
    run = {verb for first, verb, *_ in words if first == group} | set(DOCUMENT["not_run"])
    assert [names for names in available if not names & run] == []
    assert len(available) > 5


def test_exit_codes(worker: Worker, admin: PulsarAdmin, folder: Path) -> None:
    """The shell does not tell them."""
    config = {"className": "code", "runtime": "PYTHON", "inputs": ["admin-short-in"], "py": "code.py"}
    worker.submit({**config, "name": "admin-short-lived"}, folder / "code.py")
    codes = [admin.run("functions", "delete", "--name", "admin-short-lived").returncode for _ in range(2)]
    assert codes == [0, 1]
