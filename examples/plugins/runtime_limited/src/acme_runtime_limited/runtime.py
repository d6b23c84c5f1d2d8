"""The life of one instance, as a worker sees it."""

import asyncio
import os
from pathlib import Path

from acme_runtime_limited.config import LimitedRuntimeConfig
from acme_runtime_limited.control import Answer, Control
from acme_runtime_limited.instance_options import as_file, authentication_options, free_port, instance_options
from acme_runtime_limited.process import LimitedProcess, Program
from pulsemill.auth import AuthenticationConfig
from pulsemill.errors import PulsemillError
from pulsemill.runtime import InstanceConfig, Runtime, RuntimeContext
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, HealthCheckResult, MetricsData


class LimitedRuntime(Runtime):
    """Starts, watches and stops one process. Each start finds new ports."""

    def __init__(
        self,
        instance: InstanceConfig,
        code: Path,
        config: LimitedRuntimeConfig,
        context: RuntimeContext,
        authentication: AuthenticationConfig | None,
    ) -> None:
        self._instance = instance
        self._code = code
        self._config = config
        self._context = context
        self._authentication = authentication
        self._process: LimitedProcess | None = None
        self._control: Control | None = None

    async def start(self) -> None:
        """Launch a process; PulsemillError when the system refuses."""
        await self.stop()
        ports = free_port(), free_port()
        try:
            self._process = await LimitedProcess.start(self._program(ports))
        except OSError as error:
            raise PulsemillError(f"{self._instance.name}: cannot start a process: {error}") from error
        self._control = Control(*ports)

    async def wait(self) -> None:
        """Return once the process is gone."""
        if self._process:
            await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL."""
        if self._process:
            await self._process.stop()
        if self._control:
            await self._control.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.is_alive

    @property
    def death_exception(self) -> str | None:
        """How the process ended, with its last words."""
        return self._process.obituary if self._process and not self._process.is_alive else None

    async def get_function_status(self, instance_id: int) -> FunctionStatus:
        """The instance's answer, or why there is none."""
        try:
            return await self._ask("GetFunctionStatus", FunctionStatus)
        except PulsemillError as error:
            return FunctionStatus(running=False, failureException=str(error), instanceId=str(instance_id))

    async def get_metrics(self, instance_id: int) -> MetricsData:
        """Counters since the start and of the current minute."""
        return await self._ask("GetMetrics", MetricsData)

    async def get_and_reset_metrics(self, instance_id: int) -> MetricsData:
        """As `get_metrics`, then as `reset_metrics`."""
        return await self._ask("GetAndResetMetrics", MetricsData)

    async def reset_metrics(self, instance_id: int) -> None:
        """Clear the current minute and the user's metrics."""
        await self._ask("ResetMetrics", MetricsData)

    async def get_prometheus_metrics(self) -> str:
        """The text on the instance's metrics port."""
        return await self._control.metrics() if self._control and self.is_alive else ""

    async def health_check(self) -> bool:
        """Tell the instance that its worker lives."""
        try:
            return (await self._ask("HealthCheck", HealthCheckResult)).success
        except PulsemillError:
            return False

    async def _ask(self, method: str, answer: type[Answer]) -> Answer:
        process, control = self._process, self._control
        if not (process and control and process.is_alive):
            raise PulsemillError(self.death_exception or "Not alive")
        asking, ending = asyncio.create_task(control.call(method, answer)), asyncio.create_task(process.wait())
        try:
            await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return asking.result()
            raise PulsemillError(process.obituary)
        finally:
            asking.cancel()
            ending.cancel()

    def _program(self, ports: tuple[int, int]) -> Program:
        details = self._instance.function_details
        folder = Path(self._config.log_directory).absolute() / "functions"
        own = folder / details.tenant / details.namespace / details.name
        options = instance_options(self._instance, self._code, folder, self._context, ports)
        environment = {name: os.environ[name] for name in self._config.environment if name in os.environ}
        return Program(
            options=as_file(options | authentication_options(self._authentication)),
            memory_bytes=self._config.memory_bytes or details.resources.ram or None,
            config=self._config,
            environment={**environment, **self._context.secrets.configure_process_runtime(details)},
            output=own / f"{details.name}-{self._instance.instance_id}.out",
        )
