"""One instance of a function as a process, started with the command line that our worker writes."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import attrs
import grpc
from google.protobuf.empty_pb2 import Empty

from pulsemill.auth import AuthenticationConfig
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.proto.InstanceCommunication_pb2_grpc import InstanceControlStub
from pulsemill_runtime_process.config import Locations
from pulsemill_runtime_process.launch import Launch, WorkerSettings
from pulsemill_runtime_process.python_command import config_file_content, private_options, python_command
from tests.rig.ports import free_port
from tests.rig.waiting import until

PATIENCE_SECONDS = 60.0
"""Long enough for a program that does it."""
FIGURES = ("received", "processed_successfully", "user_exceptions", "system_exceptions")
_CLEAR_TEXT = "secretsprovider.ClearTextSecretsProvider"
_ID = "11111111-2222-3333-4444-555555555555"
_ASK_SECONDS = 60.0


@attrs.frozen
class ProgramKind:
    """Which program runs the instances: `python_instance` is upstream's, ours without."""

    name: str
    python_logging_config: Path
    python_instance: Path | None = None
    interpreter: Path | None = None

    def locations(self, folder: Path) -> Locations:
        return Locations(
            log_directory=folder / "logs",
            python_logging_config=self.python_logging_config,
            **({"python_instance": self.python_instance} if self.python_instance else {}),
        )

    @property
    def path(self) -> str:
        """The environment's PATH, on which the worker's command line finds `python3`."""
        return os.pathsep.join([*([str(self.interpreter.parent)] if self.interpreter else []), "/usr/bin", "/bin"])


@attrs.frozen
class Start:
    """What an instance is started with."""

    details: FunctionDetails
    package: Path
    service_url: str
    instance_id: int = 0
    state_storage_url: str | None = None
    secrets_provider: str = _CLEAR_TEXT
    health_check_seconds: int = -1
    authentication: AuthenticationConfig | None = None
    extra_fields: Mapping[str, Any] = attrs.field(factory=dict)
    environ: Mapping[str, str] = attrs.field(factory=dict)

    def launch(self, kind: ProgramKind, folder: Path) -> Launch:
        instance = InstanceConfig(
            function_details=self.details,
            instance_id=self.instance_id,
            function_id=_ID,
            function_version=_ID,
            cluster_name="standalone",
            health_check_interval_seconds=self.health_check_seconds,
        )
        return Launch(
            instance=instance,
            package=FunctionPackage(code=self.package, original_name=self.package.name, location="x"),
            code=self.package,
            worker=WorkerSettings(self.service_url, state_storage_service_url=self.state_storage_url),
            locations=kind.locations(folder),
            port=free_port(),
            metrics_port=free_port(),
            secrets_provider=self.secrets_provider,
            authentication=self.authentication,
        )


def command_line(launch: Launch, config_file: Path, extra_fields: Mapping[str, Any]) -> list[str]:
    """The worker's command line; `extra_fields` go into the function's details, as a newer worker would send them."""
    config_file.write_bytes(config_file_content(private_options(launch)))
    command = python_command(launch, str(config_file))
    if extra_fields:
        place = command.index("--function_details") + 1
        command[place] = f"'{json.dumps(_merged(json.loads(command[place].strip(chr(39))), extra_fields))}'"
    return command


def _merged(document: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    inner = {key: _merged(document.get(key, {}), value) for key, value in extra.items() if isinstance(value, Mapping)}
    return {**document, **extra, **inner}


class Program:
    """A started instance; `folder` is its own, with its logs and what it wrote to its standard streams."""

    def __init__(self, kind: ProgramKind, start: Start, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.launch = start.launch(kind, folder)
        self.folder = folder
        self.command = command_line(self.launch, folder / "options.ini", start.extra_fields)
        with (folder / "output.txt").open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": kind.path, **start.environ},
            )

    @cached_property
    def _channel(self) -> grpc.Channel:
        return grpc.insecure_channel(f"127.0.0.1:{self.launch.port}")

    def ask(self, method: str) -> Any:
        """What a method of the control service answers; waits for the service."""
        return getattr(InstanceControlStub(self._channel), method)(Empty(), timeout=_ASK_SECONDS, wait_for_ready=True)

    @property
    def status(self) -> Any:
        return self.ask("GetFunctionStatus")

    def scrape(self) -> str:
        with urlopen(f"http://127.0.0.1:{self.launch.metrics_port}/", timeout=_ASK_SECONDS) as answer:
            text: str = answer.read().decode()
            return text

    def sample(self, name: str) -> float:
        """The one sample of a metric without further labels, by its name without `pulsar_function_`; 0 without any."""
        found = re.search(rf"^pulsar_function_{name}\{{[^}}]*\}} (\S+)$", self.scrape(), re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    def met(self, **figures: int) -> None:
        """Wait until the control service and the metrics endpoint both show these of `FIGURES`."""
        until(lambda: self._shown(figures), lambda: self, PATIENCE_SECONDS)

    def _shown(self, figures: Mapping[str, int]) -> bool:
        status = self.status
        told = dict(
            zip(
                FIGURES,
                (
                    status.numReceived,
                    status.numSuccessfullyProcessed,
                    status.numUserExceptions,
                    status.numSystemExceptions,
                ),
                strict=True,
            )
        )
        return all(told[name] == value == self.sample(f"{name}_total") for name, value in figures.items())

    @property
    def log(self) -> str:
        """What it logged to its file."""
        return "".join(path.read_text(errors="replace") for path in (self.folder / "logs").rglob("*.log"))

    @property
    def output(self) -> str:
        """What it wrote to standard output and standard error."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def __str__(self) -> str:
        return f"exit code {self.process.poll()}\n{self.output[-2000:]}\n{self.log[-3000:]}"

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, as the worker does; its exit code."""
        self.process.terminate()
        return self.ended()

    def ended(self, seconds: float = 30.0) -> int:
        """Wait for its end; its exit code."""
        return self.process.wait(seconds)

    def close(self) -> None:
        if self.alive:
            self.kill()
        self._channel.close()
