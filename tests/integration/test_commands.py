"""`pulsemill standalone` and `pulsemill worker` as programs: how they start, end, and are killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.broker.program import free_port
from tests.rig.waiting import eventually

pytestmark = pytest.mark.embedded

PROGRAM = [sys.executable, "-c", "from pulsemill.cli.main import main; main(prog_name='pulsemill')"]
READY_SECONDS = 20


@attrs.define
class Program:
    """A running command, with the URLs that it printed."""

    process: asyncio.subprocess.Process
    web_service_url: str
    service_url: str

    def children(self) -> list[int]:
        """Processes that it started, and theirs."""
        return descendants(self.process.pid)


def descendants(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in map(str.split, found.splitlines())}
    direct = [child for child, parent in parents.items() if parent == pid]
    return [*direct, *(grandchild for child in direct for grandchild in descendants(child))]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until_dead(pids: list[int]) -> None:
    async with asyncio.timeout(20):
        while any(map(is_alive, pids)):  # noqa: ASYNC110 processes of others
            await asyncio.sleep(0.05)


async def launch(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@asynccontextmanager
async def standalone(data: Path, runtime: str = "process") -> AsyncIterator[Program]:
    process = await launch(
        "standalone", "--data", str(data), "--port", "0", "--runtime", runtime, "--log-level", "error"
    )
    assert process.stdout
    try:
        async with asyncio.timeout(READY_SECONDS):
            urls = [(await process.stdout.readline()).decode().split()[-1] for _ in range(2)]
        yield Program(process, *urls)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def refused(*arguments: str) -> str:
    """What a command that cannot run says, which is one error and no traceback."""
    process = await launch(*arguments)
    out, err = await asyncio.wait_for(process.communicate(), READY_SECONDS)
    assert process.returncode == 1
    assert "Traceback" not in (out + err).decode()
    return err.decode()


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything_cleanly(tmp_path: Path, connect: Any, stop_signal: signal.Signals) -> None:
    async with standalone(tmp_path) as program:
        async with connect(program.web_service_url, program.service_url) as user:
            await user.register()
            await user.until_running()
        children = program.children()
        assert len(children) >= 2
        program.process.send_signal(stop_signal)
        assert await asyncio.wait_for(program.process.wait(), 20) == 0
        await until_dead(children)


async def test_killed_it_leaves_nobody_and_goes_on_where_it_was(tmp_path: Path, connect: Any) -> None:
    async with standalone(tmp_path) as program:
        async with connect(program.web_service_url, program.service_url) as user:
            await user.register()
            await user.until_running()
            await user.send("before")
            await user.outputs("before!")
        children = program.children()
        program.process.kill()
        await program.process.wait()
        await until_dead(children)
    async with standalone(tmp_path) as program, connect(program.web_service_url, program.service_url) as user:
        await user.until_running()
        await user.send("after")
        assert await user.outputs("before!", "after!") >= {"before!", "after!"}


def spoil(data: Path) -> None:
    for current in data.rglob("CURRENT"):
        current.write_text("garbage\n")


async def test_a_damaged_directory_is_one_clear_error(tmp_path: Path) -> None:
    async with standalone(tmp_path) as program:
        program.process.terminate()
        await program.process.wait()
    spoil(tmp_path)
    error = await refused("standalone", "--data", str(tmp_path), "--port", "0")
    assert f"cannot start on data directory {tmp_path}" in error
    assert "CURRENT file corrupted" in error


async def test_a_directory_in_use_is_one_clear_error(tmp_path: Path) -> None:
    with DataDirectory(tmp_path):
        error = await refused("standalone", "--data", str(tmp_path), "--port", "0")
    assert f"data directory {tmp_path} is in use by pid {os.getpid()}" in error


@pytest.fixture
def taken_port() -> Any:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


async def test_a_port_in_use_is_one_clear_error(tmp_path: Path, taken_port: int) -> None:
    error = await refused("standalone", "--data", str(tmp_path), "--port", str(taken_port))
    assert f"the REST API cannot listen on 127.0.0.1:{taken_port} (workerPort): Address already in use" in error


async def test_the_port_of_a_configuration_file_is_used(tmp_path: Path, taken_port: int) -> None:
    conf = tmp_path / "functions_worker.yml"
    conf.write_text(f"workerPort: {taken_port}\n")
    error = await refused("standalone", "--data", str(tmp_path / "data"), "-c", str(conf))
    assert f"127.0.0.1:{taken_port} (workerPort)" in error


async def test_an_unknown_runtime_is_one_clear_error(tmp_path: Path) -> None:
    error = await refused("standalone", "--data", str(tmp_path), "--port", "0", "--runtime", "threads")
    assert "functionRuntimeFactoryClassName: no plugin has the name threads; did you mean thread?" in error


class TestWorker:
    """`pulsemill worker -c`, beside a broker that is there already."""

    @pytest.fixture
    async def broker(self, tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
        with DataDirectory(tmp_path / "broker") as data:
            async with EmbeddedBroker(data) as broker:
                yield broker

    @pytest.fixture
    def conf(self, tmp_path: Path) -> Callable[..., str]:
        def write(port: int, service_url: str, *lines: str) -> str:
            file = tmp_path / "functions_worker.yml"
            given = [
                f"workerPort: {port}",
                "workerHostname: 127.0.0.1",
                f"pulsarServiceUrl: {service_url}",
                "pulsarWebServiceUrl: ''",
                f"downloadDirectory: {tmp_path / 'download'}",
                "functionRuntimeFactoryClassName: org.apache.pulsar.functions.runtime.thread.ThreadRuntimeFactory",
                "functionRuntimeFactoryConfigs: {}",
                f"pulsemill: {{packagesDirectory: {tmp_path / 'packages'}}}",
                *lines,
            ]
            file.write_text("\n".join(given))
            return str(file)

        return write

    async def test_runs_functions_until_it_is_stopped(
        self, broker: EmbeddedBroker, conf: Callable[..., str], connect: Any
    ) -> None:
        port = free_port()
        process = await launch("worker", "-c", conf(port, broker.service_url))
        async with connect(f"http://127.0.0.1:{port}", broker.service_url) as user:

            async def ready() -> bool:
                try:
                    return bool((await user.http.get("/initialized")).status_code == 200)
                except httpx2.ConnectError:
                    return False

            await eventually(ready)
            await user.register()
            await user.until_running()
            await user.send("hello")
            assert "hello!" in await user.outputs("hello!")
        process.terminate()
        _, err = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0
        assert "is ready" in err.decode()

    async def test_an_unknown_key_is_logged_once_and_refused_if_strict(
        self, conf: Callable[..., str], taken_port: int
    ) -> None:
        file = conf(taken_port, "pulsar://127.0.0.1:1", "workerprot: 1")
        strict = await refused("worker", "-c", file, "--strict")
        assert "workerprot" in strict
        assert "cannot listen" not in strict
        lenient = await refused("worker", "-c", file)
        assert lenient.count("workerprot") == 1
        assert "cannot listen" in lenient

    async def test_json_logs_are_json(self, conf: Callable[..., str], taken_port: int) -> None:
        file = conf(taken_port, "pulsar://127.0.0.1:1", "workerprot: 1")
        error = await refused("worker", "-c", file, "--log-json")
        first = next(line for line in error.splitlines() if "workerprot" in line)
        assert first.startswith("{")
        assert '"level": "warning"' in first
        assert f"cannot listen on 0.0.0.0:{taken_port} (workerPort)" in error
