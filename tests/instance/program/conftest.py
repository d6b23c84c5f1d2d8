"""The real program, started with a worker's command line against the embedded broker."""

import base64
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import attrs
import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict

from pulsemill_instance.proto.InstanceCommunication_pb2_grpc import InstanceControlStub

UUID = "11111111-2222-3333-4444-555555555555"
TOKEN = base64.b64encode(b"not for any log").decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@attrs.define
class Program:
    """One started pulsemill-instance."""

    process: subprocess.Popen[str]
    port: int
    metrics_port: int
    logs: Path

    @property
    def log(self) -> str:
        return "".join(path.read_text() for path in self.logs.rglob("*.log"))

    def ask(self, method: str) -> Any:
        with grpc.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            return getattr(InstanceControlStub(channel), method)(Empty(), timeout=5, wait_for_ready=True)

    def scrape(self, path: str = "/") -> str:
        with urlopen(f"http://127.0.0.1:{self.metrics_port}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
            return text

    def end(self, seconds: float = 10) -> tuple[int, str]:
        """Wait for the end: the exit code and what was written to stderr."""
        _, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, errors


@attrs.define
class Launcher:
    """Starts programs the way a worker does; every option can be changed, None leaves one out."""

    folder: Path
    url: str
    started: list[Program] = attrs.field(factory=list)

    def write(self, source: str, name: str = "exclaim.py") -> Path:
        path = self.folder / name
        path.write_text(source)
        return path

    def arguments(self, details: Any, package: Path, **options: str | None) -> list[str]:
        document = MessageToDict(details) | json.loads(options.pop("extra_fields", None) or "{}")
        values = {
            "py": str(package),
            "logging_directory": str(self.folder / "logs"),
            "logging_file": details.name,
            "logging_config_file": str(self.folder / "no.ini"),
            "instance_id": "0",
            "function_id": UUID,
            "function_version": UUID,
            "function_details": f"'{json.dumps(document)}'",
            "pulsar_serviceurl": self.url,
            "use_tls": "false",
            "tls_allow_insecure": "false",
            "hostname_verification_enabled": "false",
            "max_buffered_tuples": "1024",
            "port": str(free_port()),
            "metrics_port": str(free_port()),
            "expected_healthcheck_interval": "-1",
            "secrets_provider": "secretsprovider.ClearTextSecretsProvider",
            "cluster_name": "standalone",
            **options,
        }
        return [part for name, value in values.items() if value is not None for part in (f"--{name}", value)]

    def start(self, details: Any, package: Path, **options: str | None) -> Program:
        return self.start_arguments(self.arguments(details, package, **options))

    def start_arguments(self, arguments: list[str], **environ: str) -> Program:
        process = subprocess.Popen(
            [sys.executable, "-m", "pulsemill_instance", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/bin:/bin", **environ},
        )
        ports = (_value(arguments, "--port"), _value(arguments, "--metrics_port"))
        program = Program(process, *map(int, ports), self.folder / "logs")
        self.started.append(program)
        return program

    def close(self) -> None:
        for program in self.started:
            program.process.kill()
            program.process.communicate()


def _value(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1] if option in arguments else "0"


@pytest.fixture
def launcher(tmp_path: Path, broker: Any) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path, broker.url)
    with contextlib.closing(launcher):
        yield launcher


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Launcher]:
    """For programs that never get as far as a broker."""
    launcher = Launcher(tmp_path, "pulsar://127.0.0.1:1")
    with contextlib.closing(launcher):
        yield launcher


@pytest.fixture
def token() -> str:
    """A client's authentication parameter, recognizable in any log."""
    return TOKEN


@pytest.fixture
def port_taken() -> Iterator[Callable[[], int]]:
    """Ports that somebody listens on."""
    with contextlib.ExitStack() as stack:

        def take() -> int:
            listener = stack.enter_context(socket.create_server(("", 0)))
            port: int = listener.getsockname()[1]
            return port

        yield take
