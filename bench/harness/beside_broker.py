"""Workers beside a real broker, ours and upstream's, on the same configuration but for what has to be their own."""

import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs
import httpx2
import yaml

from bench.harness.processes import MARK, MarkedProcess, marked
from tests.rig.broker import Broker
from tests.rig.distribution import pulsar_home
from tests.rig.errors import RigError
from tests.rig.java_worker import java_environ, worker_configuration
from tests.rig.ports import free_port
from tests.rig.server import Server

READY = "/admin/v2/worker/cluster/leader/ready"
READY_SECONDS = 400.0
POLL_SECONDS = 0.01
# As an installed program has it: or else every start of a process would compile all that it imports.
KEEP_BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
INSTANCES = ("pulsemill_instance", "python_instance_main", "JavaInstanceMain")


@attrs.frozen
class Contender:
    """A worker to measure: whose, and under which runtime, `process` or `thread`."""

    is_ours: bool
    runtime: str

    @property
    def name(self) -> str:
        """What the report calls it."""
        return f"{'ours' if self.is_ours else 'upstream'}, {self.runtime} runtime"

    def command(self, configuration: Path) -> list[str | Path]:
        """Its command line."""
        if self.is_ours:
            return [Path(sys.executable).with_name("pulsemill"), "worker", "-c", configuration]
        return [pulsar_home() / "bin/pulsar", "functions-worker"]

    def environ(self, folder: Path) -> Mapping[str, str]:
        """What it needs in its environment."""
        return {"PULSAR_HOME": str(pulsar_home())} if self.is_ours else java_environ(folder)


@attrs.frozen
class RunningWorker:
    """A worker that leads; `ready_seconds` after its start."""

    http: httpx2.Client
    ready_seconds: float
    pid: int
    mark: str

    def processes(self) -> tuple[list[MarkedProcess], list[MarkedProcess]]:
        """The worker's own processes and those of instances."""
        found = marked(self.mark)
        instances = [each for each in found if each.pid != self.pid and any(word in each.command for word in INSTANCES)]
        return [each for each in found if each not in instances], instances


@contextmanager
def running(contender: Contender, broker: Broker, folder: Path) -> Iterator[RunningWorker]:
    """A worker in a functions namespace of its own; it ends with all that it started."""
    port, mark = free_port(), uuid.uuid4().hex
    configuration = folder / "functions_worker.yml"
    configuration.write_text(yaml.safe_dump(worker_configuration(folder, broker, contender.runtime, port)))
    began = time.monotonic()
    environ = {**contender.environ(folder), MARK: mark, **KEEP_BYTECODE}
    server = Server.start("worker", contender.command(configuration), folder, environ)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=120) as http:
            _wait_until_ready(server, http, began + READY_SECONDS)
            yield RunningWorker(http, time.monotonic() - began, server.process.pid, mark)
    finally:
        server.stop()
        for left in marked(mark):
            os.kill(left.pid, signal.SIGKILL)


def _wait_until_ready(server: Server, http: httpx2.Client, deadline: float) -> None:
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            if http.get(READY).text.strip() == "true":
                return
        except httpx2.TransportError:
            pass
        time.sleep(POLL_SECONDS)
    raise RigError(f"the worker did not become ready; the end of its log:\n{server.end_of_log()}")
