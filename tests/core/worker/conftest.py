"""Runtimes that live and die on command, a clock that only moves when it is told to, and functions to run."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from pulsemill.errors import PackageError, PulsemillError
from pulsemill.names import InstanceName
from pulsemill.plugin import NoConfig
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeFactory
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, Instance
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData


class FakeRuntime(Runtime):
    """An instance that starts unless it is told to fail, and lives until `die` or `stop`."""

    def __init__(self, name: InstanceName, events: list[str]) -> None:
        self.name, self.events = name, events
        self.start_failure: Exception | None = None
        self.stop_gate: asyncio.Event | None = None
        self.health_checks = 0
        self.healthy = True
        self._dead = asyncio.Event()
        self._dead.set()
        self._reason: str | None = None

    async def start(self) -> None:
        self.events.append(f"start {self.name}")
        if self.start_failure:
            raise self.start_failure
        self._reason = None
        self._dead.clear()

    async def wait(self) -> None:
        await self._dead.wait()

    async def stop(self) -> None:
        if self.stop_gate:
            await self.stop_gate.wait()
        self.events.append(f"stop {self.name}")
        self._dead.set()

    async def hand_over(self, successor: InstanceConfig) -> None:
        self.events.append(f"hand over {self.name} to {successor.function_version[:8]}")

    async def restart(self, instance_id: int) -> None:
        self.events.append(f"restart {instance_id} of {self.name}")

    def die(self, reason: str | None) -> None:
        self._reason = reason
        self._dead.set()

    @property
    def is_alive(self) -> bool:
        return not self._dead.is_set()

    @property
    def death_exception(self) -> str | None:
        return self._reason

    async def get_function_status(self, instance_id: int) -> FunctionStatus:
        return FunctionStatus(running=True, numReceived=5)

    async def get_metrics(self, instance_id: int) -> MetricsData:
        if not self.healthy:
            raise PulsemillError("no answer")
        return MetricsData(receivedTotal=5)

    async def get_and_reset_metrics(self, instance_id: int) -> MetricsData:
        return await self.get_metrics(instance_id)

    async def reset_metrics(self, instance_id: int) -> None:
        return

    async def get_prometheus_metrics(self) -> str:
        if not self.healthy:
            raise PulsemillError("no answer")
        received = (
            f'# TYPE pulsar_function_received counter\npulsar_function_received{{fqfn="{self.name.function}"}} 5\n'
        )
        return f"{received}# TYPE process_open_fds gauge\nprocess_open_fds 7.0\n"

    async def health_check(self) -> bool:
        self.health_checks += 1
        return self.healthy


class FakeFactory(RuntimeFactory):
    """Makes fake runtimes and keeps them; `prepare` may spoil one before it is handed out."""

    def __init__(self, externally_managed: bool = False) -> None:
        self.is_external = externally_managed
        self.events: list[str] = []
        self.runtimes: list[FakeRuntime] = []
        self.prepare: Callable[[FakeRuntime], None] = lambda _: None
        self.failure: Exception | None = None

    @property
    def externally_managed(self) -> bool:  # type: ignore[override] # a class variable elsewhere
        return self.is_external

    async def initialize(self) -> None:
        self.events.append("factory initialize")
        if self.failure:
            raise self.failure

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> FakeRuntime:
        self.runtimes.append(FakeRuntime(instance.name, self.events))
        self.prepare(self.runtimes[-1])
        return self.runtimes[-1]

    async def close(self) -> None:
        self.events.append("factory close")


class FakePackages:
    """Packages that are there unless told otherwise."""

    def __init__(self) -> None:
        self.missing = False
        self.gate: asyncio.Event | None = None
        self.discarded: list[InstanceName] = []

    async def fetch(self, metadata: FunctionMetaData, instance_id: int) -> FunctionPackage:
        if self.gate:
            await self.gate.wait()
        if self.missing:
            raise PackageError("the package is gone")
        return FunctionPackage(Path("exclaim.py"), "exclaim.py", "local")

    async def discard(self, name: InstanceName) -> None:
        self.discarded.append(name)


class PlainSecrets(SecretsProviderConfigurator):
    """No secrets."""

    def __init__(self) -> None:
        super().__init__(NoConfig())

    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        return ""


@attrs.define
class FakeTime:
    """Seconds that pass when a test says so. Give `clock` and `sleep` to what is tested."""

    now: float = 1000.0
    _sleepers: list[tuple[float, "asyncio.Future[None]"]] = attrs.field(factory=list)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    @property
    def waits(self) -> list[float]:
        """How long each sleeper still sleeps."""
        return sorted(round(until - self.now, 6) for until, future in self._sleepers if not future.done())

    async def pass_seconds(self, seconds: float) -> None:
        await settle()
        self.now += seconds
        for until, future in self._sleepers:
            if until <= self.now + 1e-9 and not future.done():
                future.set_result(None)
        await settle()


async def settle() -> None:
    """Let everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def factory() -> FakeFactory:
    return FakeFactory()


@pytest.fixture
def external_factory() -> FakeFactory:
    return FakeFactory(externally_managed=True)


@pytest.fixture
def packages() -> FakePackages:
    return FakePackages()


@pytest.fixture
def settled() -> Callable[[], Any]:
    return settle


@pytest.fixture
def secrets() -> PlainSecrets:
    return PlainSecrets()


@pytest.fixture(scope="session")
def instance() -> Callable[..., Instance]:
    """Makes an instance: function name, id, version, parallelism, the function's time of creation in milliseconds."""

    def make(
        name: str = "exclaim",
        instance_id: int = 0,
        version: int = 0,
        parallelism: int = 1,
        created: int = 1,
        **states: int,
    ) -> Instance:
        details = FunctionDetails(tenant="public", namespace="default", name=name, parallelism=parallelism)
        stored = {int(key.removeprefix("i")): state for key, state in states.items()}
        metadata = FunctionMetaData(functionDetails=details, version=version, createTime=created, instanceStates=stored)
        return Instance(functionMetaData=metadata, instanceId=instance_id)

    return make
