"""What get, list, status and stats print for people and for programs."""

import json
from collections.abc import Callable
from typing import Any

import httpx2

STATUS = {
    "numInstances": 2,
    "numRunning": 1,
    "instances": [
        {
            "instanceId": 0,
            "status": {
                "running": True, "error": "", "numRestarts": 1, "numReceived": 10, "numSuccessfullyProcessed": 9,
                "numUserExceptions": 1,
                "latestUserExceptions": [{"exceptionString": "bad [bold] luck", "timestampMs": 1000}],
                "numSystemExceptions": 0, "latestSystemExceptions": [], "averageLatency": 1.25,
                "lastInvocationTime": 1000, "workerId": "w-1",
            },
        },
        {
            "instanceId": 1,
            "status": {"running": False, "error": "Function has not been scheduled", "latestUserExceptions": None},
        },
    ],
}  # fmt: skip
DATA = {
    "receivedTotal": 10, "processedSuccessfullyTotal": 9, "systemExceptionsTotal": 0, "userExceptionsTotal": 1,
    "avgProcessLatency": None, "1min": {"receivedTotal": 4, "avgProcessLatency": 2.0}, "lastInvocation": None,
}  # fmt: skip


def answer(value: object) -> list[httpx2.Response]:
    return [httpx2.Response(200, json=value)]


def test_status_tells_people_what_runs_and_what_failed(run: Callable[..., Any]) -> None:
    result, worker = run("functions", "status", "--name", "f", answers=answer(STATUS))

    assert worker.lines == ["GET /admin/v3/functions/public/default/f/status"]
    lines = result.output.splitlines()
    assert lines[0] == "public/default/f: 1 of 2 instances run"
    assert lines[2].split() == ["0", "yes", "1", "10", "9", "1", "0", "1.25", "1970-01-01", "00:00:01", "w-1"]
    assert "instance 0, 1970-01-01 00:00:01, user exception: bad [bold] luck" in lines
    assert "instance 1: Function has not been scheduled" in lines


def test_status_of_one_instance_by_its_older_name(run: Callable[..., Any]) -> None:
    result, worker = run(
        "functions", "getstatus", "--name", "f", "--instance-id", "1", answers=answer({"running": True})
    )

    assert worker.lines == ["GET /admin/v3/functions/public/default/f/1/status"]
    assert result.output.splitlines()[1].split()[:2] == ["1", "yes"]


def test_json_is_the_workers_answer(run: Callable[..., Any]) -> None:
    result, _ = run("functions", "status", "--name", "f", "--json", answers=answer(STATUS))

    assert json.loads(result.output) == STATUS


def test_stats_has_a_row_for_each_instance_and_one_for_all(run: Callable[..., Any]) -> None:
    metrics = {**DATA, "userMetrics": {"m_sum": 2.5}}
    whole = {**DATA, "instances": [{"instanceId": 0, "metrics": metrics}]}
    result, _ = run("functions", "stats", "--name", "f", answers=answer(whole))

    rows = [line.split() for line in result.output.splitlines()[1:]]
    assert rows[0] == ["0", "10", "9", "1", "0", "-", "4", "2", "-", "m_sum=2.5"]
    assert rows[1][:2] == ["all", "10"]


def test_list_prints_a_name_a_line(run: Callable[..., Any]) -> None:
    result, worker = run("functions", "list", "--namespace", "n", answers=answer(["a", "b"]))

    assert result.output == "a\nb\n"
    assert worker.lines == ["GET /admin/v3/functions/public/n"]


def test_get_leaves_out_what_is_not_set(run: Callable[..., Any]) -> None:
    result, _ = run(
        "functions", "get", "--name", "f", answers=answer({"name": "f", "logTopic": None, "resources": {"cpu": 1.0}})
    )

    assert [line.split(maxsplit=1) for line in result.output.splitlines()[1:]] == [
        ["name", "f"],
        ["resources", '{"cpu": 1.0}'],
    ]


def test_available_functions(run: Callable[..., Any]) -> None:
    definition = {"name": "exclamation", "description": "adds one", "functionClass": "a.B"}
    result, _ = run("functions", "available-functions", answers=answer([definition]))

    assert result.output.splitlines()[1].split() == ["exclamation", "adds", "one", "a.B"]


def test_an_answer_of_something_else_is_explained(run: Callable[..., Any]) -> None:
    result, _ = run("functions", "get", "--name", "f", answers=[httpx2.Response(200, text="<html>")])

    assert result.exit_code == 1
    assert "did not answer as a functions worker does" in result.output
