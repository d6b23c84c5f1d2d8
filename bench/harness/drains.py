"""Who drains a backlog, each started for one job and ended after it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import attrs

from bench.harness.beside_broker import KEEP_BYTECODE, RunningWorker
from bench.harness.functions import Job
from bench.harness.lives import JAVA_CLASS, url
from tests.cases.program import Program, ProgramKind, Start
from tests.rig.distribution import java_examples_jar, pulsar_home, python_instance_program
from tests.rig.errors import RigError
from tests.rig.upstream_python import upstream_python


class Contender(Protocol):
    """One way to run a function."""

    @property
    def name(self) -> str:
        """What the report calls it."""

    def draining(self, job: Job, folder: Path) -> AbstractContextManager[int]:
        """Run a job; the process whose CPU seconds count."""


@attrs.define
class PythonInstance:
    """A Python instance as a program, started as the worker does; `port` is its control service's, once it runs."""

    kind: ProgramKind
    service_url: str
    port: int = 0

    @property
    def name(self) -> str:
        """See Contender."""
        return self.kind.name

    @contextmanager
    def draining(self, job: Job, folder: Path) -> Iterator[int]:
        """See Contender."""
        package = folder / "measured.py"
        package.write_text(job.code)
        program = Program(self.kind, Start(job.details(), package, self.service_url), folder / "instance")
        self.port = program.launch.port
        try:
            yield program.process.pid
            if program.process.poll() is not None:
                raise RigError(f"{self.name} ended; see {program.folder}")
        finally:
            program.process.kill()
            program.process.wait()


def our_instance(service_url: str) -> PythonInstance:
    """`pulsemill-instance`."""
    return PythonInstance(ProgramKind("ours", _logging_config()), service_url)


def upstream_instance(service_url: str) -> PythonInstance:
    """Upstream's Python instance."""
    kind = ProgramKind("upstream's Python", _logging_config(), python_instance_program(), upstream_python())
    return PythonInstance(kind, service_url)


def _logging_config() -> Path:
    return pulsar_home() / "conf/functions-logging/logging_config.ini"


@attrs.frozen
class BareLoop:
    """The client alone, with `input + "!"`; it waits up to 5 ms until it has so many messages `at_once`."""

    service_url: str
    at_once: int
    name: str = "bare loop"

    @contextmanager
    def draining(self, job: Job, folder: Path) -> Iterator[int]:
        """See Contender."""
        arguments = [self.service_url, job.source, job.target, f"public/default/{job.name}", str(self.at_once)]
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
