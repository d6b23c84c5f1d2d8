"""Every method of the Go admin client that talks to a worker, called on ours as `calls.yaml` says."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.clients import scenario
from tests.clients.go_client import SOURCE, Answer, GoClient
from tests.plugins.runtime_process.real_broker.workers import Worker
from tests.rig.errors import MissingPrerequisiteError
from tests.rig.go import go_program

pytestmark = [pytest.mark.pulsar, pytest.mark.timeout(1200)]

DOCUMENT = scenario.read("calls.yaml")
CALLS: list[dict[str, Any]] = [call for entry in DOCUMENT["entries"] for call in entry["calls"]]
PARTS = ("Functions", "Sources", "Sinks", "FunctionsWorker")

Answers = list[Answer]


@pytest.fixture(scope="module")
def client(worker: Worker) -> GoClient:
    """Skips without Go."""
    try:
        go_program(SOURCE, "client")
    except MissingPrerequisiteError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    return GoClient(worker.web_service_url)


@pytest.fixture(scope="module")
def answers(worker: Worker, client: GoClient, folder: Path) -> Answers:
    """What each of the calls answered."""
    answers: Answers = []
    for entry in DOCUMENT["entries"]:
        scenario.await_running(worker, entry["running"])
        for call in entry["calls"]:
            arguments = scenario.filled(call["with"], folder=folder, worker=worker.folder)
            answers.append(client.call(call["call"], *arguments))
    return answers


@pytest.mark.parametrize("number", range(len(CALLS)), ids=[f"{n}-{call['call']}" for n, call in enumerate(CALLS)])
def test_call(answers: Answers, number: int) -> None:
    call, answer = CALLS[number], answers[number]
    failure = call.get("fails", {"code": 0, "error": ""})
    assert {"code": answer.code, "error": answer.error} == failure
    if "results" in call:
        scenario.assert_holds(answer.results, call["results"], call["call"])


def test_what_was_downloaded(answers: Answers, folder: Path) -> None:
    code = (folder / "code.py").read_text()
    assert [(folder / name).read_text() for name in ("by-path.py", "by-name.py")] == [code, code]


@pytest.mark.parametrize("part", PARTS)
def test_no_method_of_the_client_is_left_out(client: GoClient, part: str) -> None:
    """Those with a context are called by those without."""
    methods = {method for method in client.methods(part) if not method.endswith("WithContext")}
    called = {method for name, method in (call["call"].split(".") for call in CALLS) if name == part}
    assert methods == called
