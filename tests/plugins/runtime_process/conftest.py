import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs
import httpx2
import pytest

from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.config import Locations
from pulsemill_runtime_process.launch import Launch, WorkerSettings
from pulsemill_runtime_process.runtime import ProcessRuntime
from tests.rig.waiting import soon

T = TypeVar("T")


class NoSecrets(SecretsProviderConfigurator):
    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(None)
        self.environment = environment or {}

    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        return "secretsprovider.ClearTextSecretsProvider"

    def configure_process_runtime(self, details: FunctionDetails) -> Mapping[str, str]:
        return self.environment


def _details(runtime: int = FunctionDetails.PYTHON, **fields: Any) -> FunctionDetails:
    details = FunctionDetails(
        tenant="public",
        namespace="default",
        name="exclaim",
        className="exclaim.Exclaim",
        runtime=runtime,
        parallelism=1,
    )
    details.source.inputSpecs["persistent://public/default/in"].schemaType = "string"
    details.sink.topic = "persistent://public/default/out"
    details.MergeFrom(FunctionDetails(**fields))
    return details


def _launch(details: FunctionDetails | None = None, **changes: Any) -> Launch:
    instance = InstanceConfig(
        function_details=details or _details(),
        instance_id=0,
        function_id="11111111-1111-1111-1111-111111111111",
        function_version="22222222-2222-2222-2222-222222222222",
        cluster_name="standalone",
    )
    launch = Launch(
        instance=instance,
        package=FunctionPackage(code=Path("/code/exclaim.py"), original_name="exclaim.py", location="x"),
        code=Path("/code/exclaim.py"),
        worker=WorkerSettings(pulsar_service_url="pulsar://localhost:6650"),
        locations=Locations(log_directory=Path("/logs"), python_logging_config=Path("/conf/logging_config.ini")),
        port=40001,
        metrics_port=40002,
        secrets_provider="secretsprovider.ClearTextSecretsProvider",
    )
    return attrs.evolve(launch, **changes)


@pytest.fixture
def new_details() -> Callable[..., FunctionDetails]:
    """Makes a function's details, with any fields on top."""
    return _details


@pytest.fixture
def new_launch() -> Callable[..., Launch]:
    """Makes a launch of an instance, with anything changed."""
    return _launch


@pytest.fixture
def until() -> Callable[[Callable[[], T | None]], Awaitable[T]]:
    """Waits for a question's first answer that is true, ten seconds at most."""
    return soon


@pytest.fixture
def no_secrets() -> SecretsProviderConfigurator:
    """A configurator that adds nothing to the environment."""
    return NoSecrets()


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(verify=False, trust_env=False, timeout=5.0) as client:
        yield client


@pytest.fixture
async def new_runtime(
    tmp_path: Path, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., ProcessRuntime]]:
    """Makes runtimes whose instance is a Python script of the test's own; they are stopped at the end."""
    # Upstream's command line starts whatever python3 is on PATH.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    made: list[ProcessRuntime] = []

    def make(script: str, secrets: SecretsProviderConfigurator | None = None, **changes: Any) -> ProcessRuntime:
        instance = tmp_path / "instance.py"
        instance.write_text(script)
        code = tmp_path / "exclaim.py"
        code.touch()
        locations = Locations(log_directory=tmp_path / "logs", python_instance=instance)
        launch = _launch(**({"code": code, "locations": locations} | changes))
        made.append(ProcessRuntime(launch, secrets or NoSecrets(), http))
        return made[-1]

    yield make
    await asyncio.gather(*(runtime.stop() for runtime in made))
