"""`pulsemill worker cluster` and its siblings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx2
import pytest
from click.testing import CliRunner, Result

from pulsemill.cli.lazy import LazyGroup
from pulsemill.cli.worker_admin import WORKER_COMMANDS

MEMBER = {"workerId": "w-1", "workerHostname": "h", "port": 6750}


def ask(*arguments: str, answer: httpx2.Response, accepts: str = "application/json") -> tuple[Result, str]:
    seen: list[httpx2.Request] = []

    def worker(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["Accept"] == accepts
        seen.append(request)
        return answer

    group = click.group(cls=LazyGroup, lazy=WORKER_COMMANDS)(lambda: None)
    result = CliRunner().invoke(group, arguments, obj=httpx2.MockTransport(worker))
    return result, f"{seen[0].method} {seen[0].url.path}"


@pytest.mark.parametrize("name", ["cluster", "get-cluster"])
def test_cluster(name: str) -> None:
    result, request = ask(name, answer=httpx2.Response(200, json=[MEMBER]))

    assert request == "GET /admin/v2/worker/cluster"
    assert result.output.splitlines()[1].split() == ["w-1", "h", "6750"]


def test_leader_as_json() -> None:
    result, request = ask("leader", "--json", answer=httpx2.Response(200, json=MEMBER))

    assert request == "GET /admin/v2/worker/cluster/leader"
    assert json.loads(result.output) == MEMBER


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1), (500, 1)])
def test_ready_is_an_exit_code(status: int, exit_code: int) -> None:
    result, request = ask("ready", answer=httpx2.Response(status, json=status == 200))

    assert request == "GET /admin/v2/worker/cluster/leader/ready"
    assert result.exit_code == exit_code


def test_one_that_is_not_ready_says_why() -> None:
    result, _ = ask("ready", answer=httpx2.Response(503, json={"reason": "the worker's token expired"}))

    assert "does not lead, or is not ready yet: the worker's token expired" in str(result.exception)


def test_assignments() -> None:
    result, request = ask("assignments", answer=httpx2.Response(200, json={"w-1": ["t/n/f:0", "t/n/f:1"]}))

    assert request == "GET /admin/v2/worker/assignments"
    assert [line.split() for line in result.output.splitlines()[1:]] == [["w-1", "t/n/f:0"], ["w-1", "t/n/f:1"]]


def test_function_stats() -> None:
    answer = httpx2.Response(200, json=[{"name": "t/n/f:0", "metrics": {"receivedTotal": 4}}])
    result, request = ask("function-stats", answer=answer)

    assert request == "GET /admin/v2/worker-stats/functionsmetrics"
    assert result.output.splitlines()[1].split()[:2] == ["t/n/f:0", "4"]


def test_metrics_are_printed_as_they_are() -> None:
    result, request = ask("metrics", answer=httpx2.Response(200, text="# HELP x\nx 1\n"), accepts="text/plain")

    assert (request, result.output) == ("GET /metrics", "# HELP x\nx 1\n")


def test_a_refusal_reads_as_it_does_in_pulsar_admin(run: Callable[..., Any]) -> None:
    result, _ = run("worker", "leader", answers=[httpx2.Response(500, json={"reason": "Leader cannot be determined"})])

    assert (result.exit_code, result.output) == (1, "Reason: Leader cannot be determined\n")


def test_what_keeps_a_worker_from_running_is_an_error_of_its_own(run: Callable[..., Any], tmp_path: Path) -> None:
    result, _ = run("worker", "-c", str(tmp_path / "absent.yml"))

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


def test_rebalance() -> None:
    assert ask("rebalance", answer=httpx2.Response(204))[1] == "PUT /admin/v2/worker/rebalance"
