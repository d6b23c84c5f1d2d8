"""`pulsemill functions` and `pulsemill worker` against a real worker."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pulsar
import pytest

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.xdist_group("cli")]

CODE = """
class Exclaim:
    def process(self, input, context):
        context.get_logger().info("got %s", input)
        return input + "!"
"""
Cli = Callable[..., str]


def launch(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-u", "-m", "pulsemill", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def admin_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    arguments = ["--data", str(data), "--port", "0", "--log-level", "error"]
    process = launch("standalone", "--runtime", "thread", *arguments)
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found, process.communicate(timeout=30)
    yield found[0]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


@pytest.fixture(scope="module")
def cli(admin_url: str) -> Cli:
    environment = {**os.environ, "PULSEMILL_ADMIN_URL": admin_url}

    def run(*arguments: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "pulsemill", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=30)
        assert done.returncode == code, done
        return done.stderr if code else done.stdout

    return run


@pytest.fixture(scope="module")
def exclaim(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the function `exclaim`, which runs."""
    code = tmp_path_factory.mktemp("code") / "exclaim.py"
    code.write_text(CODE)
    arguments = ["--py", str(code), "--classname", "exclaim.Exclaim", "-i", "cli-in", "-o", "cli-out"]
    assert cli("functions", "create", "--name", "exclaim", *arguments) == "Created successfully\n"
    until_running(cli)
    return code


def until_running(cli: Cli) -> None:
    deadline = time.monotonic() + 20
    while json.loads(cli("functions", "status", "--name", "exclaim", "--json"))["numRunning"] != 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_function_can_be_seen(cli: Cli, exclaim: Path) -> None:
    assert cli("functions", "list") == "exclaim\n"
    config = json.loads(cli("functions", "get", "--name", "exclaim", "--json"))
    assert (config["className"], config["output"]) == ("exclaim.Exclaim", "cli-out")
    assert cli("functions", "status", "--name", "exclaim").startswith("public/default/exclaim: 1 of 1 instances run\n")
    assert "RECEIVED" in cli("functions", "stats", "--name", "exclaim")


def test_a_function_can_be_triggered(cli: Cli, exclaim: Path) -> None:
    assert cli("functions", "trigger", "--name", "exclaim", "--trigger-value", "hello") == "hello!\n"


def test_a_package_comes_back_as_it_was(cli: Cli, exclaim: Path, tmp_path: Path) -> None:
    target = tmp_path / "back.py"
    cli("functions", "download", "--fqfn", "public/default/exclaim", "--destination-file", str(target))

    assert target.read_text() == CODE


def test_a_function_can_be_stopped_started_restarted_and_updated(cli: Cli, exclaim: Path) -> None:
    assert cli("functions", "stop", "--name", "exclaim") == "Stopped successfully\n"
    assert cli("functions", "start", "--name", "exclaim") == "Started successfully\n"
    until_running(cli)
    assert cli("functions", "restart", "--name", "exclaim") == "Restarted successfully\n"
    assert cli("functions", "update", "--name", "exclaim", "--user-config", '{"a": 1}') == "Updated successfully\n"
    assert json.loads(cli("functions", "get", "--name", "exclaim", "--json"))["userConfig"] == {"a": 1}


def test_refusals_are_the_workers(cli: Cli, exclaim: Path) -> None:
    arguments = ["--py", str(exclaim), "--classname", "exclaim.Exclaim"]
    again = cli("functions", "create", "--name", "exclaim", *arguments, "-i", "cli-in", code=1)
    assert again == "Reason: Function exclaim already exists\n"
    assert cli("functions", "get", "--name", "none", code=1) == "Reason: Function none doesn't exist\n"


def test_the_worker_can_be_asked(cli: Cli, exclaim: Path) -> None:
    (member,) = json.loads(cli("worker", "cluster", "--json"))
    assert json.loads(cli("worker", "leader", "--json")) == member
    assert cli("worker", "ready") == "ready\n"
    assert json.loads(cli("worker", "assignments", "--json")) == {member["workerId"]: ["public/default/exclaim:0"]}
    assert "pulsar_function_worker_" in cli("worker", "metrics")


def test_a_function_can_be_deleted(cli: Cli, exclaim: Path) -> None:
    assert cli("functions", "delete", "--name", "exclaim") == "Deleted successfully\n"
    assert cli("functions", "list") == ""


@pytest.mark.parametrize("runtime", ["PROCESS", "THREAD"])
def test_a_local_run_shows_its_log_and_ends_cleanly(tmp_path: Path, runtime: str) -> None:
    code = tmp_path / "exclaim.py"
    code.write_text(CODE)
    arguments = ["--py", str(code), "--classname", "exclaim.Exclaim", "-i", "a", "-o", "b", "--runtime", runtime]
    process = launch("functions", "localrun", *arguments, "--subs-position", "Earliest")
    assert process.stdout is not None
    broker = process.stdout.readline().partition(": ")[2].strip()
    while "Exclaim runs (1 instances)" not in process.stdout.readline():
        assert process.poll() is None
    assert answer(broker, b"hello") == b"hello!"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, "Traceback" in out) == (130, False), out
    assert "got hello" in out


def answer(broker: str, data: bytes) -> bytes:
    """What the function makes of a message."""
    client = pulsar.Client(broker, logger=pulsar.FileLogger(pulsar.LoggerLevel.Error, os.devnull))
    try:
        reader = client.create_reader("b", pulsar.MessageId.earliest)
        client.create_producer("a").send(data)
        return bytes(reader.read_next(20_000).data())
    finally:
        client.close()


def test_a_local_run_whose_code_is_broken_says_why(tmp_path: Path) -> None:
    code = tmp_path / "broken.py"
    code.write_text("raise ValueError('not today')\n")
    process = launch("functions", "localrun", "--py", str(code), "--classname", "broken.Broken", "-i", "a")
    out, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "Reason: instance 0 ended" in out
    assert "not today" in out
