"""`pulsemill worker cluster` and its siblings."""

import json

import click
import httpx2
import pytest
from click.testing import CliRunner, Result

from pulsemill.cli.lazy import LazyGroup
from pulsemill.cli.worker_admin import WORKER_COMMANDS

MEMBER = {"workerId": "w-1", "workerHostname": "h", "port": 6750}


def run(*arguments: str, answer: httpx2.Response, accepts: str = "application/json") -> tuple[Result, str]:
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
    result, request = run(name, answer=httpx2.Response(200, json=[MEMBER]))

    assert request == "GET /admin/v2/worker/cluster"
    assert result.output.splitlines()[1].split() == ["w-1", "h", "6750"]


def test_leader_as_json() -> None:
    result, request = run("leader", "--json", answer=httpx2.Response(200, json=MEMBER))

    assert request == "GET /admin/v2/worker/cluster/leader"
    assert json.loads(result.output) == MEMBER


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1), (500, 1)])
def test_ready_is_an_exit_code(status: int, exit_code: int) -> None:
    result, request = run("ready", answer=httpx2.Response(status, json=status == 200))

    assert request == "GET /admin/v2/worker/cluster/leader/ready"
    assert result.exit_code == exit_code


def test_assignments() -> None:
    result, request = run("assignments", answer=httpx2.Response(200, json={"w-1": ["t/n/f:0", "t/n/f:1"]}))

    assert request == "GET /admin/v2/worker/assignments"
    assert [line.split() for line in result.output.splitlines()[1:]] == [["w-1", "t/n/f:0"], ["w-1", "t/n/f:1"]]


def test_function_stats() -> None:
    answer = httpx2.Response(200, json=[{"name": "t/n/f:0", "metrics": {"receivedTotal": 4}}])
    result, request = run("function-stats", answer=answer)

    assert request == "GET /admin/v2/worker-stats/functionsmetrics"
    assert result.output.splitlines()[1].split()[:2] == ["t/n/f:0", "4"]


def test_metrics_are_printed_as_they_are() -> None:
    result, request = run("metrics", answer=httpx2.Response(200, text="# HELP x\nx 1\n"), accepts="text/plain")

    assert (request, result.output) == ("GET /metrics", "# HELP x\nx 1\n")


def test_rebalance() -> None:
    assert run("rebalance", answer=httpx2.Response(204))[1] == "PUT /admin/v2/worker/rebalance"
