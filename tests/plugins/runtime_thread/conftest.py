"""Thread runtimes against an embedded broker."""

import asyncio
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pulsar
import pytest
from pulsar_lite.binary_finder import find_pulsar_lite_binary

from pulsemill.broker.program import free_port
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeContext
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_thread.config import ThreadRuntimeFactoryConfig
from pulsemill_runtime_thread.factory import ThreadRuntimeFactory
from tests.rig.waiting import soon


class Secrets(SecretsProviderConfigurator):
    """Selects a provider, and adds to the environment that it sees."""

    def __init__(self, provider: str = "", environ: Mapping[str, str] | None = None) -> None:
        super().__init__(None)
        self.provider = provider
        self.environ = environ or {}

    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        return self.provider

    def configure_process_runtime(self, details: FunctionDetails) -> Mapping[str, str]:
        return self.environ


@pytest.fixture
def new_context() -> Callable[..., RuntimeContext]:
    """Makes what a worker gives to its factory."""

    def make(url: str = "pulsar://127.0.0.1:1", secrets: SecretsProviderConfigurator | None = None) -> RuntimeContext:
        return RuntimeContext(WorkerConfig(pulsar_service_url=url), secrets or Secrets())

    return make


@pytest.fixture
def secrets() -> type[Secrets]:
    return Secrets


@attrs.define
class Threads:
    """Functions in threads of this process, each with topics of its own."""

    url: str
    folder: Path
    new_context: Callable[..., RuntimeContext]
    client: pulsar.Client
    factory: ThreadRuntimeFactory = attrs.field(init=False)
    runtimes: list[Runtime] = attrs.field(factory=list)
    suffix: str = attrs.field(factory=lambda: uuid.uuid4().hex[:8])

    def __attrs_post_init__(self) -> None:
        self.factory = self.new_factory()

    def new_factory(self, **context: Any) -> ThreadRuntimeFactory:
        return ThreadRuntimeFactory(ThreadRuntimeFactoryConfig(), self.new_context(self.url, **context))

    def topic(self, name: str) -> str:
        return f"persistent://public/default/{name}-{self.suffix}"

    async def create(
        self,
        name: str,
        files: dict[str, str],
        class_name: str,
        *,
        package: str = "exclaim.py",
        instance_id: int = 0,
        **details: Any,
    ) -> Runtime:
        """A runtime for a function whose package is one of some files; reads `<name>-in`, writes `<name>-out`."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for file, content in files.items():
            (folder / file).write_text(content)
        function = FunctionDetails(
            tenant="public",
            namespace="default",
            name=f"{name}-{self.suffix}",
            className=class_name,
            runtime=FunctionDetails.PYTHON,
            autoAck=True,
        )
        function.source.inputSpecs[self.topic(f"{name}-in")].poolMessages = False
        function.source.subscriptionPosition = 1
        function.sink.topic = self.topic(f"{name}-out")
        function.MergeFrom(FunctionDetails(**details))
        config = InstanceConfig(function, instance_id, "id", "version", "standalone")
        code = folder / package
        runtime = await self.factory.create_container(config, FunctionPackage(code, code.name, str(code)))
        self.runtimes.append(runtime)
        return runtime

    async def start(self, name: str, files: dict[str, str], class_name: str, **options: Any) -> Runtime:
        runtime = await self.create(name, files, class_name, **options)
        await runtime.start()
        return runtime

    async def send(self, name: str, *payloads: bytes) -> None:
        def send() -> None:
            producer = self.client.create_producer(self.topic(f"{name}-in"))
            for payload in payloads:
                producer.send(payload)
            producer.close()

        await asyncio.to_thread(send)

    async def read(self, name: str, count: int) -> list[bytes]:
        """The first outputs of a function; pulsar-lite may deliver one several times to a reader that waits for it."""

        def read() -> list[bytes]:
            reader = self.client.create_reader(self.topic(f"{name}-out"), pulsar.MessageId.earliest)
            found: dict[str, bytes] = {}
            try:
                while len(found) < count:
                    message = reader.read_next(10_000)
                    found.setdefault(str(message.message_id()), message.data())
            finally:
                reader.close()
            return list(found.values())

        return await asyncio.to_thread(read)

    async def close(self) -> None:
        await asyncio.gather(*(runtime.stop() for runtime in self.runtimes))
        await self.factory.close()


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded broker for all tests of a process."""
    folder = tmp_path_factory.mktemp("broker")
    (folder / "broker.toml").write_text("[metrics]\nenabled = false\n")
    address = f"127.0.0.1:{free_port()}"
    command = [find_pulsar_lite_binary(), "--addr", address, "--db-path", str(folder / "db")]
    process = subprocess.Popen([*command, "--config", str(folder / "broker.toml"), "--log-level", "error"])
    yield f"pulsar://{address}"
    process.kill()
    process.wait()


@pytest.fixture
async def threads(
    broker_url: str, tmp_path: Path, new_context: Callable[..., RuntimeContext]
) -> AsyncIterator[Threads]:
    client = pulsar.Client(broker_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    threads = Threads(broker_url, tmp_path, new_context, client)
    yield threads
    await threads.close()
    client.close()


@pytest.fixture
def until() -> Callable[..., Awaitable[Any]]:
    """Waits for a question's first answer that is true."""
    return soon
