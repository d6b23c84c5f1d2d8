"""What the suite of runtimes runs on: a broker, a function, and the tested factory between them."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.plugin import NoConfig
from pulsemill.plugins.kinds import RUNTIME_FACTORY
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeContext, RuntimeFactory
from pulsemill.secrets_configurators import DefaultSecretsProviderConfigurator
from pulsemill.testing.functions import function_details
from pulsemill.testing.plugins import PluginContract
from pulsemill.testing.runtime_functions import Traffic, embedded_broker, traffic, write_package
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


def instance_config(details: FunctionDetails, instance_id: int = 0) -> InstanceConfig:
    """An instance as a worker's spawner describes it."""
    return InstanceConfig(
        function_details=details,
        instance_id=instance_id,
        function_id=str(uuid.uuid4()),
        function_version=str(uuid.uuid4()),
        cluster_name="standalone",
    )


class RuntimeFixtures(PluginContract):
    """The fixtures, each of which an implementation can override."""

    kind = RUNTIME_FACTORY

    @pytest_asyncio.fixture
    async def broker(self, tmp_path: Path) -> AsyncIterator[str]:
        """The service URL of an embedded broker."""
        async with embedded_broker(tmp_path / "broker") as service_url:
            yield service_url

    @pytest_asyncio.fixture
    async def traffic(self, broker: str) -> AsyncIterator[Traffic]:
        """The tested function's topics."""
        async with traffic(broker) as connected:
            yield connected

    @pytest.fixture
    def context(self, broker: str) -> RuntimeContext:
        """What a worker gives to its runtime."""
        return RuntimeContext(
            worker_config=WorkerConfig(pulsar_service_url=broker, worker_id="tested", worker_hostname="localhost"),
            secrets=DefaultSecretsProviderConfigurator(NoConfig()),
        )

    @pytest_asyncio.fixture
    async def factory(
        self, plugin_config: Any, context: RuntimeContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[RuntimeFactory]:
        """The tested factory, initialized, with the test's folder as working directory."""
        monkeypatch.chdir(tmp_path)
        constructor: Any = self.plugin_class
        made: RuntimeFactory = constructor(plugin_config, context)
        await made.initialize()
        yield made
        await made.close()

    @pytest.fixture
    def package(self, tmp_path: Path) -> FunctionPackage:
        """The code of a function that does as its inputs say."""
        return write_package(tmp_path / "package")

    @pytest_asyncio.fixture
    async def runtime(self, factory: RuntimeFactory, package: FunctionPackage) -> AsyncIterator[Runtime]:
        """A runtime of that function, not started."""
        made = await factory.create_container(instance_config(function_details()), package)
        yield made
        await made.stop()
