"""Who drains a backlog, each started for one job and ended after it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import attrs
from google.protobuf.json_format import MessageToJson

from bench.harness.beside_broker import KEEP_BYTECODE, RunningWorker
from bench.harness.functions import Job
from bench.harness.lives import JAVA_CLASS, url
from tests.rig.distribution import java_examples_jar, pulsar_home, python_instance_program
from tests.rig.errors import RigError
from tests.rig.ports import free_port
from tests.rig.server import Server
from tests.rig.upstream_python import upstream_python


class Contender(Protocol):
    """One way to run a function."""

    @property
    def name(self) -> str:
        """What the report calls it."""

    def draining(self, job: Job, folder: Path) -> AbstractContextManager[int]:
        """Run a job; the process whose CPU seconds count."""


@attrs.frozen
class PythonInstance:
    """A Python instance as a program: ours, or upstream's."""

    name: str
    program: Sequence[str | Path]
    service_url: str
    port: int = attrs.field(factory=free_port)

    @contextmanager
    def draining(self, job: Job, folder: Path) -> Iterator[int]:
        """See Contender."""
        (folder / "measured.py").write_text(job.code)
        server = Server.start(
            "instance", [*self.program, *self._options(job, folder)], folder, instance_environ(folder)
        )
        try:
            yield server.process.pid
            if server.process.poll() is not None:
                raise RigError(f"{self.name} ended; the end of its log:\n{server.end_of_log()}")
        finally:
            server.kill()

    def _options(self, job: Job, folder: Path) -> list[str]:
        details = MessageToJson(job.details(), indent=None)
        options = {
            "py": folder / "measured.py",
            "instance_id": 0,
            "function_id": job.name,
            "function_version": "1",
            "function_details": f"'{details}'",
            "pulsar_serviceurl": self.service_url,
            "max_buffered_tuples": 1024,
            "port": self.port,
            "metrics_port": free_port(),
            "expected_healthcheck_interval": -1,
            "secrets_provider": "secretsprovider.ClearTextSecretsProvider",
            "cluster_name": "standalone",
            "logging_directory": folder / "logs",
            "logging_file": job.name,
            "logging_config_file": pulsar_home() / "conf/functions-logging/logging_config.ini",
        }
        return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def instance_environ(folder: Path) -> Mapping[str, str]:
    """What Python instances need."""
    return {**KEEP_BYTECODE, "PYTHONUNBUFFERED": "1", "HOME": str(folder)}


def our_instance(service_url: str) -> PythonInstance:
    """`pulsemill-instance`."""
    return PythonInstance("ours", [sys.executable, "-m", "pulsemill_instance"], service_url)


def upstream_instance(service_url: str) -> PythonInstance:
    """Upstream's Python instance."""
    return PythonInstance("upstream's Python", [upstream_python(), python_instance_program()], service_url)


@attrs.frozen
class BareLoop:
    """The client alone, with `input + "!"`."""

    service_url: str
    name: str = "bare loop"

    @contextmanager
    def draining(self, job: Job, folder: Path) -> Iterator[int]:
        """See Contender."""
        arguments = [self.service_url, job.source, job.target, f"public/default/{job.name}"]
        command = [sys.executable, "-m", "bench.harness.bare_loop", *arguments]
        process = subprocess.Popen(command, env={**os.environ, **KEEP_BYTECODE}, start_new_session=True)
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


@attrs.frozen
class ThreadFunction:
    """Functions in the thread runtime of a running worker: ours in Python, upstream's in Java."""

    name: str
    worker: RunningWorker
    registration: Callable[[Job], tuple[Mapping[str, str], tuple[str, bytes]]]
    count: int = 1

    @contextmanager
    def draining(self, job: Job, folder: Path) -> Iterator[int]:
        """See Contender. Several functions drain the same backlog each, and share the output topic."""
        names = [f"{job.name}-{number}" for number in range(self.count)]
        for name in names:
            self._register(name, job)
        try:
            yield self.worker.pid
        finally:
            for name in names:
                self.worker.http.delete(url(name)).raise_for_status()

    def _register(self, name: str, job: Job) -> None:
        config, file = self.registration(job)
        own = {"inputs": [job.source], "output": job.target, "autoAck": True, "subscriptionPosition": "Earliest"}
        parts = {
            "functionConfig": (None, json.dumps({**config, **own}), "application/json"),
            "data": (*file, "application/octet-stream"),
        }
        answer = self.worker.http.post(url(name), files=parts)
        if not answer.is_success:
            raise RigError(f"{name} was refused: {answer.text}")


def java_exclamation(_: Job) -> tuple[Mapping[str, str], tuple[str, bytes]]:
    """Upstream's example function, `input + "!"`."""
    jar = java_examples_jar()
    return {"className": JAVA_CLASS, "runtime": "JAVA", "jar": jar.name}, (jar.name, jar.read_bytes())


def python_code(job: Job) -> tuple[Mapping[str, str], tuple[str, bytes]]:
    """The job's own code."""
    return {"className": "measured", "runtime": "PYTHON", "py": "measured.py"}, ("measured.py", job.code.encode())
