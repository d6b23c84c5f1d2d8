"""A worker that needs nothing else: its own broker, everything in one directory.

For `pulsemill standalone`, the quickstart and tests:

    async with Standalone(Path("data"), runtime="thread") as worker:
        ...  # REST API at worker.web_service_url, broker at worker.service_url

Start: directory locked -> REST port opened -> broker -> worker. Stop: the other way round.
"""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Self

import attrs

from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.broker.program import HOST
from pulsemill.config.derived import PROCESS_RUNTIME, with_derived_values
from pulsemill.config.findings import Origins
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.worker.http_server import listen
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.service import WorkerService
from pulsemill_instance.state.urls import state_file_url

WORKER_ID: Final = "standalone"


@attrs.define
class Standalone:
    """A worker on a data directory. `runtime` is a class name or short name, empty for what `config` says.

    `port` is the REST API's, 0 for a free one. Given `broker_url`, no broker is started: several workers share one when
    each has a directory and a `functions_namespace` of its own.
    """

    directory: Path
    port: int = 0
    host: str = HOST
    runtime: str = ""
    broker_url: str = ""
    functions_namespace: str = ""
    config: WorkerConfig = attrs.field(factory=WorkerConfig)
    origins: Origins = attrs.field(factory=Origins, repr=False)
    strict: bool = False
    broker: EmbeddedBroker | None = attrs.field(default=None, init=False)
    service: WorkerService = attrs.field(init=False)
    _closing: AsyncExitStack = attrs.field(factory=AsyncExitStack, init=False)

    @property
    def service_url(self) -> str:
        """The broker's URL."""
        return self.service.config.pulsar_service_url

    @property
    def web_service_url(self) -> str:
        """The REST API's URL."""
        return f"http://{self.host}:{self.service.config.worker_port}"

    async def __aenter__(self) -> Self:
        self._refuse_tls()
        async with AsyncExitStack() as started:
            data = started.enter_context(DataDirectory(self.directory))
            listener = listen(self.host, self.port)
            started.callback(listener.close)
            if not self.broker_url:
                self.broker = await started.enter_async_context(EmbeddedBroker(data))
            config = self._config(data, listener.getsockname()[1])
            plugins = SelectedPlugins(PluginRegistry.installed(), config, self.origins)
            setup = RuntimeSetup.selected(plugins, strict=self.strict)
            self.service = await started.enter_async_context(WorkerService(config, setup, listener))
            self._closing = started.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()

    def _refuse_tls(self) -> None:
        """Neither the embedded broker nor the one port of the REST API here has it."""
        for key, is_on in (("tlsEnabled", self.config.tls_enabled), ("useTls", self.config.use_tls)):
            if is_on:
                raise ConfigurationError(f"{key}: a standalone worker has no TLS; run `pulsemill worker` for it")

    def _config(self, data: DataDirectory, port: int) -> WorkerConfig:
        """The given configuration, with everything that this worker has to itself put into the directory."""
        given = attrs.evolve(
            self.config,
            pulsar_service_url=self.broker.service_url if self.broker else self.broker_url,
            pulsar_functions_namespace=self.functions_namespace or self.config.pulsar_functions_namespace,
            worker_id=self.config.worker_id or WORKER_ID,
            worker_hostname=self.config.worker_hostname or HOST,
            worker_port=port,
            download_directory=str(data.download),
            state_storage_service_url=self.config.state_storage_service_url or state_file_url(data.state),
            pulsemill=attrs.evolve(self.config.pulsemill, packages_directory=str(data.packages)),
            **self._runtime(data),
        )
        return with_derived_values(given, lambda: HOST)

    def _runtime(self, data: DataDirectory) -> dict[str, Any]:
        """The runtime that was asked for; the process runtime logs into the directory."""
        name = self.runtime or self.config.function_runtime_factory_class_name or PROCESS_RUNTIME
        configs = dict(self.config.function_runtime_factory_configs or {}) if not self.runtime else {}
        if name in {PROCESS_RUNTIME, "process"}:
            configs.setdefault("logDirectory", str(data.logs))
        return {"function_runtime_factory_class_name": name, "function_runtime_factory_configs": configs}
