"""The runtime with instances that are small scripts, one of them speaking proto.InstanceControl."""

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import attrs
import pytest

from pulsemill.auth import AuthenticationConfig
from pulsemill.errors import PackageError, PulsemillError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.config import Locations
from pulsemill_runtime_process.runtime import ProcessRuntime

NewRuntime = Callable[..., ProcessRuntime]
Lines = Callable[[], list[str]]
Until = Callable[[Lines], Awaitable[list[str]]]

INSTANCE = """
import http.server, sys, threading
from concurrent.futures import ThreadPoolExecutor
import grpc
from google.protobuf.empty_pb2 import Empty
from pulsemill_instance.proto import InstanceCommunication_pb2 as messages
from pulsemill_instance.proto.InstanceCommunication_pb2_grpc import (
    InstanceControlServicer, add_InstanceControlServicer_to_server)

option = lambda name: sys.argv[sys.argv.index(name) + 1]

class Control(InstanceControlServicer):
    def GetFunctionStatus(self, request, context):
        return messages.FunctionStatus(running=True, numReceived=7, instanceId=option("--instance_id"))
    def GetMetrics(self, request, context):
        return messages.MetricsData(receivedTotal=7)
    def GetAndResetMetrics(self, request, context):
        return messages.MetricsData(receivedTotal=8)
    def ResetMetrics(self, request, context):
        return Empty()
    def HealthCheck(self, request, context):
        return messages.HealthCheckResult(success=True)

class Metrics(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"pulsar_function_received_total 7")
    def log_message(self, *arguments):
        pass

metrics = http.server.HTTPServer(("", int(option("--metrics_port"))), Metrics)
threading.Thread(target=metrics.serve_forever, daemon=True).start()
server = grpc.server(ThreadPoolExecutor(1))
add_InstanceControlServicer_to_server(Control(), server)
server.add_insecure_port("[::]:" + option("--port"))
server.start()
server.wait_for_termination()
"""
SLEEPING = "import time; time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); " + SLEEPING
SILENT = "import os, sys; print(os.getpid(), *sys.argv, flush=True); " + SLEEPING


@pytest.fixture
def console_lines(tmp_path: Path) -> Callable[[], list[str]]:
    """Gives the whole lines that the instance has written so far."""
    path = tmp_path / "logs/functions/public/default/exclaim/exclaim-0.out"

    def lines() -> list[str]:
        return path.read_text().split("\n")[:-1] if path.exists() else []

    return lines


def private_files() -> list[str]:
    """The open files of this process that hold what is private to an instance."""
    links = [entry.readlink().name for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return [link for link in links if "pulsemill" in link]


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_an_instance_is_asked_as_soon_as_it_was_started(new_runtime: NewRuntime) -> None:
    runtime = new_runtime(INSTANCE)
    await runtime.start()
    assert runtime.is_alive
    assert runtime.death_exception is None
    status = await runtime.get_function_status(0)
    assert (status.running, status.numReceived, status.instanceId) == (True, 7, "0")
    assert (await runtime.get_metrics(0)).receivedTotal == 7
    assert (await runtime.get_and_reset_metrics(0)).receivedTotal == 8
    await runtime.reset_metrics(0)
    assert await runtime.health_check()
    assert await runtime.get_prometheus_metrics() == "pulsar_function_received_total 7"


async def test_before_the_start_it_is_not_alive(new_runtime: NewRuntime) -> None:
    runtime = new_runtime(SLEEPING)
    assert not runtime.is_alive
    assert runtime.death_exception is None
    status = await runtime.get_function_status(3)
    assert (status.running, status.failureException, status.instanceId) == (False, "Not alive", "3")
    with pytest.raises(PulsemillError, match="Not alive"):
        await runtime.get_metrics(3)
    assert await runtime.get_prometheus_metrics() == ""
    await runtime.wait()
    await runtime.stop()


async def test_a_death_ends_the_questions_that_wait_for_it(new_runtime: NewRuntime) -> None:
    runtime = new_runtime("import sys, time; time.sleep(0.2); sys.exit('cannot reach the broker')")
    await runtime.start()
    async with asyncio.timeout(3):
        status = await runtime.get_function_status(0)
    reason = "The instance process ended with exit code 1: cannot reach the broker"
    assert (status.running, status.failureException) == (False, reason)
    assert runtime.death_exception == reason
    assert not runtime.is_alive
    assert not await runtime.health_check()


async def test_an_instance_that_does_not_answer_is_reported(
    new_runtime: NewRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulsemill_runtime_process.control.DEADLINE_SECONDS", 0.1)
    runtime = new_runtime(SLEEPING)
    await runtime.start()
    status = await runtime.get_function_status(0)
    assert not status.running
    assert re.fullmatch(r"public/default/exclaim:0 does not answer: .+", status.failureException)
    assert await runtime.get_prometheus_metrics() == ""


async def test_wait_ends_with_the_instance_and_it_starts_again_on_other_ports(
    new_runtime: NewRuntime, console_lines: Lines, until: Until
) -> None:
    runtime = new_runtime(SILENT)
    await runtime.start()
    first = (await until(console_lines))[0].split()
    os.kill(int(first[0]), signal.SIGKILL)
    async with asyncio.timeout(5):
        await runtime.wait()
    assert runtime.death_exception == "The instance process was killed by SIGKILL"
    await runtime.start()
    assert runtime.is_alive
    assert runtime.death_exception is None
    second = (await until(lambda: console_lines()[1:]))[0].split()
    ports = {words[words.index(option) + 1] for words in (first, second) for option in ("--port", "--metrics_port")}
    assert len(ports) == 4


async def test_starting_a_living_instance_changes_nothing(
    new_runtime: NewRuntime, console_lines: Lines, until: Until
) -> None:
    runtime = new_runtime(SILENT)
    await runtime.start()
    await runtime.start()
    await until(console_lines)
    await runtime.stop()
    assert len(console_lines()) == 1


async def test_stop_ends_it_and_may_be_repeated(new_runtime: NewRuntime) -> None:
    runtime = new_runtime(SLEEPING)
    await runtime.start()
    await asyncio.gather(runtime.stop(), runtime.stop())
    await runtime.stop()
    assert not runtime.is_alive
    await runtime.wait()


async def test_a_stop_ends_the_questions_that_wait(new_runtime: NewRuntime) -> None:
    runtime = new_runtime(SLEEPING)
    await runtime.start()
    asking = asyncio.create_task(runtime.get_function_status(0))
    await asyncio.sleep(0)
    async with asyncio.timeout(4):
        await runtime.stop()
        status = await asking
    assert (status.running, status.failureException) == (False, "The instance is being stopped")


async def test_a_question_that_comes_during_a_stop_is_answered(
    new_runtime: NewRuntime, console_lines: Lines, until: Until
) -> None:
    runtime = new_runtime(STUBBORN)
    await runtime.start()
    await until(console_lines)
    stopping = asyncio.create_task(runtime.stop())
    await asyncio.sleep(0)
    status = await asyncio.wait_for(runtime.get_function_status(0), 4)
    assert runtime.is_alive
    assert (status.running, status.failureException) == (False, "The instance is being stopped")
    assert runtime._life
    os.kill(runtime._life.child.pid, signal.SIGKILL)
    await stopping


async def test_secrets_and_extra_dependencies_reach_the_environment(
    new_runtime: NewRuntime, no_secrets: object, console_lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def secrets(details: FunctionDetails) -> Mapping[str, str]:
        return {"PASSWORD": "s3cr3t"}

    monkeypatch.setattr(no_secrets, "configure_process_runtime", secrets)
    monkeypatch.setenv("PYTHONPATH", "/given")
    code = "import os; print(os.environ['PASSWORD'], os.environ['PYTHONPATH'], flush=True)"
    runtime = new_runtime(code, no_secrets)
    launch = runtime._launch
    runtime._launch = attrs.evolve(launch, locations=attrs.evolve(launch.locations, extra_dependencies=tmp_path))
    await runtime.start()
    await runtime.wait()
    assert console_lines() == [f"s3cr3t /given:{tmp_path}"]


async def test_credentials_reach_the_instance_beside_its_command_line(
    new_runtime: NewRuntime, console_lines: Lines
) -> None:
    code = """import sys
arguments = " ".join(sys.argv)
print("s3cr3t" in arguments, open(sys.argv[sys.argv.index("--config_file") + 1]).read().split(), flush=True)"""
    authentication = AuthenticationConfig(
        client_authentication_plugin="token", client_authentication_parameters="token:s3cr3t"
    )
    runtime = new_runtime(code, authentication=authentication)
    await runtime.start()
    await runtime.wait()
    assert console_lines() == ["False ['[DEFAULT]', 'client_auth_params', '=', 'token:s3cr3t']"]


async def test_a_package_that_is_gone_is_an_error_of_the_start(new_runtime: NewRuntime) -> None:
    runtime = new_runtime(SLEEPING, code=Path("/nowhere/exclaim.py"))
    with pytest.raises(PackageError, match=r"public/default/exclaim:0: its package /nowhere/exclaim\.py is gone"):
        await runtime.start()
    assert "is gone" in (runtime.death_exception or "")
    assert "is gone" in (await runtime.get_function_status(0)).failureException


async def test_a_missing_instance_is_an_error_of_the_start(new_runtime: NewRuntime, tmp_path: Path) -> None:
    locations = Locations(log_directory=tmp_path, python_instance=Path("/nowhere/python_instance_main.py"))
    with pytest.raises(PulsemillError, match=r"there is no file /nowhere/python_instance_main\.py"):
        await new_runtime(SLEEPING, locations=locations).start()


async def test_a_program_that_is_not_installed_is_an_error_of_the_start(
    new_runtime: NewRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PulsemillError, match="cannot run python3: no such program on the worker's PATH"):
        await new_runtime(SLEEPING).start()


async def test_a_go_function_that_is_not_executable_is_an_error_of_the_start(
    new_runtime: NewRuntime, new_details: Callable[..., FunctionDetails], tmp_path: Path
) -> None:
    program = tmp_path / "exclaim"
    program.touch(mode=0o600)
    with pytest.raises(PulsemillError, match=f"cannot run {program}: it is not an executable file"):
        await new_runtime(SLEEPING, details=new_details(FunctionDetails.GO), code=program).start()


async def test_a_log_folder_that_cannot_be_written_is_an_error_of_the_start(
    new_runtime: NewRuntime, tmp_path: Path
) -> None:
    runtime = new_runtime(SLEEPING)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/functions").touch()
    with pytest.raises(PulsemillError, match="cannot write logs in"):
        await runtime.start()


async def test_a_failed_start_forgets_the_credentials(new_runtime: NewRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = new_runtime(SLEEPING, authentication=AuthenticationConfig("token", "token:s3cr3t"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PulsemillError):
        await runtime.start()
    assert private_files() == []


async def test_a_started_instance_alone_has_its_credentials(new_runtime: NewRuntime) -> None:
    runtime = new_runtime(SLEEPING, authentication=AuthenticationConfig("token", "token:s3cr3t"))
    await runtime.start()
    assert private_files() == []


async def test_nothing_stays_open_after_an_instance(new_runtime: NewRuntime) -> None:
    runtime = new_runtime("import sys; sys.exit(1)")
    await runtime.start()
    await runtime.wait()
    before = open_files()
    for _ in range(3):
        await runtime.start()
        await runtime.wait()
    await runtime.stop()
    assert open_files() <= before
