"""One instance as an operating-system process (upstream: ProcessRuntime).

All of it belongs to the worker's event loop. A start makes a child with new ports and a control channel; the end of the
child, known from its reaping task, ends every call that still waits for it. Order of a stop: channel, then child.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import attrs
import grpc
import httpx2

from pulsemill.errors import PulsemillError
from pulsemill.runtime import Runtime
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_runtime_process.child import Child
from pulsemill_runtime_process.control import DEADLINE_SECONDS, InstanceControl, fetch_metrics
from pulsemill_runtime_process.environment import instance_environment
from pulsemill_runtime_process.launch import Launch
from pulsemill_runtime_process.ports import free_ports
from pulsemill_runtime_process.starting import start_child

NOT_ALIVE = "Not alive"
STOPPING = "The instance is being stopped"
Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


@attrs.frozen
class _Life:
    """What one start made."""

    child: Child
    control: InstanceControl
    metrics_port: int


class ProcessRuntime(Runtime):
    """An instance in a process of its own. `launch` has no ports yet: each start finds new ones."""

    def __init__(self, launch: Launch, secrets: SecretsProviderConfigurator, http: httpx2.AsyncClient) -> None:
        self._launch = launch
        self._secrets = secrets
        self._http = http
        self._life: _Life | None = None
        self._failure: str | None = None

    async def start(self) -> None:
        """Launch the process; PulsemillError when something that it needs is missing."""
        if self.is_alive:
            return
        await self._let_go()
        try:
            self._life = await self._begin()
        except PulsemillError as error:
            self._failure = str(error)
            raise
        logger.info("%s started as process %d", self._launch.instance.name, self._life.child.pid)

    async def wait(self) -> None:
        """Return once the process is gone."""
        if self._life:
            await self._life.child.wait()

    async def stop(self) -> None:
        """SIGTERM, after ten seconds SIGKILL, to the process and all that it started."""
        if not self._life:
            return
        await self._life.control.close()
        try:
            await self._life.child.stop()
        except TimeoutError:
            logger.exception("%s: process %d outlives SIGKILL", self._launch.instance.name, self._life.child.pid)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._life is not None and self._life.child.is_alive

    @property
    def death_exception(self) -> str | None:
        """Exit code or signal with the last words, or why the start failed."""
        if self._life is None or self._life.child.is_alive:
            return self._failure
        return self._life.child.obituary

    async def get_function_status(self, instance_id: int) -> FunctionStatus:
        """The instance's answer, or running=False and why there is none."""
        try:
            return await self._ask(InstanceControl.get_function_status)
        except PulsemillError as error:
            return FunctionStatus(running=False, failureException=str(error), instanceId=str(instance_id))

    async def get_metrics(self, instance_id: int) -> MetricsData:
        """Counters since the start and of the current minute."""
        return await self._ask(InstanceControl.get_metrics)

    async def get_and_reset_metrics(self, instance_id: int) -> MetricsData:
        """As `get_metrics`, then as `reset_metrics`."""
        return await self._ask(InstanceControl.get_and_reset_metrics)

    async def reset_metrics(self, instance_id: int) -> None:
        """Clear the current minute and the user's metrics."""
        await self._ask(InstanceControl.reset_metrics)

    async def get_prometheus_metrics(self) -> str:
        """The text on the instance's metrics port; empty while it has none."""
        if not self._life or not self.is_alive:
            return ""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await fetch_metrics(self._http, self._life.metrics_port)
        except (httpx2.HTTPError, TimeoutError) as error:
            logger.debug("%s: no metrics: %r", self._launch.instance.name, error)
            return ""

    async def health_check(self) -> bool:
        """Ask whether the instance lives, which tells it that its worker does."""
        try:
            return await self._ask(InstanceControl.health_check)
        except PulsemillError as error:
            logger.warning("%s: health check failed: %s", self._launch.instance.name, error)
            return False

    async def _begin(self) -> _Life:
        port, metrics_port = free_ports(2)
        launch = attrs.evolve(self._launch, port=port, metrics_port=metrics_port)
        secrets = self._secrets.configure_process_runtime(launch.details)
        environment = instance_environment(os.environ, launch.locations.extra_dependencies, secrets)
        child = await start_child(launch, environment)
        return _Life(child, InstanceControl(port), metrics_port)

    async def _let_go(self) -> None:
        life, self._life, self._failure = self._life, None, None
        if life:
            await life.control.close()

    async def _ask(self, call: Callable[[InstanceControl], Awaitable[Answer]]) -> Answer:
        life = self._life
        if not life or not life.child.is_alive:
            raise PulsemillError(self.death_exception or NOT_ALIVE)
        answer = asyncio.ensure_future(call(life.control))
        gone = asyncio.ensure_future(life.child.wait())
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise PulsemillError(life.child.obituary)
            if answer.cancelled():
                raise PulsemillError(STOPPING)
            return answer.result()
        except grpc.aio.UsageError as error:  # the channel was closed before the call
            raise PulsemillError(STOPPING) from error
        except grpc.aio.AioRpcError as error:
            name = self._launch.instance.name
            raise PulsemillError(f"{name} does not answer: {error.details() or error.code().name}") from error
        finally:
            answer.cancel()
            gone.cancel()
