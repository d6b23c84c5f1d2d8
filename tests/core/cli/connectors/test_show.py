"""What list, get, status and the lists of built-ins print for people and for programs."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest


def answer(value: object) -> list[httpx2.Response]:
    return [httpx2.Response(200, json=value)]


def status(received: str, written: str, own: str) -> dict[str, Any]:
    instance = {
        "running": True, "error": "", "numRestarts": 1, received: 10, written: 9, f"num{own}Exceptions": 2,
        f"latest{own}Exceptions": [{"exceptionString": "bad luck", "timestampMs": 1000}],
        "numSystemExceptions": 0, "latestSystemExceptions": [], "lastReceivedTime": 1000, "workerId": "w-1",
    }  # fmt: skip
    return {"numInstances": 1, "numRunning": 1, "instances": [{"instanceId": 0, "status": instance}]}


STATUS = {
    "source": status("numReceivedFromSource", "numWritten", "Source"),
    "sink": status("numReadFromPulsar", "numWrittenToSink", "Sink"),
}


@pytest.mark.parametrize("name", ["source", "sink"])
def test_status_tells_people_what_runs_and_what_failed(run: Callable[..., Any], name: str) -> None:
    result, worker = run(f"{name}s", "status", "--name", "c", answers=answer(STATUS[name]))

    assert worker.lines == [f"GET /admin/v3/{name}s/public/default/c/status"]
    lines = result.output.splitlines()
    assert lines[0] == "public/default/c: 1 of 1 instances run"
    assert f"{name.upper()} ERRORS" in lines[1]
    assert lines[2].split() == ["0", "yes", "1", "10", "9", "2", "0", "1970-01-01", "00:00:01", "w-1"]
    assert lines[3] == f"instance 0, 1970-01-01 00:00:01, {name} exception: bad luck"


@pytest.mark.parametrize("name", ["source", "sink"])
def test_status_of_one_instance_by_its_older_name(run: Callable[..., Any], name: str) -> None:
    arguments = [f"{name}s", "getstatus", "--name", "c", "--instance-id", "1"]
    result, worker = run(*arguments, answers=answer({"running": False, "error": "no archive"}))

    assert worker.lines == [f"GET /admin/v3/{name}s/public/default/c/1/status"]
    assert result.output.splitlines()[2] == "instance 1: no archive"


def test_json_is_the_workers_answer(run: Callable[..., Any]) -> None:
    result, _ = run("sinks", "status", "--name", "c", "--json", answers=answer(STATUS["sink"]))

    assert json.loads(result.output) == STATUS["sink"]


def test_list_prints_a_name_a_line(run: Callable[..., Any]) -> None:
    result, worker = run("sources", "list", "--namespace", "n", answers=answer(["a", "b"]))

    assert result.output == "a\nb\n"
    assert worker.lines == ["GET /admin/v3/sources/public/n"]


def test_get_leaves_out_what_is_not_set(run: Callable[..., Any]) -> None:
    result, _ = run("sinks", "get", "--name", "c", answers=answer({"name": "c", "logTopic": None}))

    assert [line.split() for line in result.output.splitlines()[1:]] == [["name", "c"]]


@pytest.mark.parametrize("name", ["source", "sink"])
def test_available(run: Callable[..., Any], name: str) -> None:
    definition = {"name": "gen", "description": "makes some", "sourceClass": "a.Source", "sinkClass": "a.Sink"}
    result, worker = run(f"{name}s", f"available-{name}s", answers=answer([definition]))

    assert worker.lines == [f"GET /admin/v3/{name}s/builtin{name}s"]
    assert result.output.splitlines()[1].split() == ["gen", "makes", "some", f"a.{name.capitalize()}"]


def test_an_error_is_the_workers_reason(run: Callable[..., Any]) -> None:
    answers = [httpx2.Response(404, json={"reason": "Sink c doesn't exist"})]
    result, _ = run("sinks", "get", "--name", "c", answers=answers)

    assert (result.exit_code, result.output) == (1, "Reason: Sink c doesn't exist\n")
