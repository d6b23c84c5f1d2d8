"""A runtime whose instances do nothing, for questions about configurations: it takes any language."""

import asyncio

from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeFactory
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData


class IdleRuntime(Runtime):
    """An instance that only says that it runs."""

    def __init__(self) -> None:
        self._stopped = asyncio.Event()

    async def start(self) -> None:
        self._stopped.clear()

    async def wait(self) -> None:
        await self._stopped.wait()

    async def stop(self) -> None:
        self._stopped.set()

    @property
    def is_alive(self) -> bool:
        return not self._stopped.is_set()

    @property
    def death_exception(self) -> str | None:
        return None

    async def get_function_status(self, instance_id: int) -> FunctionStatus:
        return FunctionStatus(running=self.is_alive)

    async def get_metrics(self, instance_id: int) -> MetricsData:
        return MetricsData()

    async def get_and_reset_metrics(self, instance_id: int) -> MetricsData:
        return MetricsData()

    async def reset_metrics(self, instance_id: int) -> None:
        return

    async def get_prometheus_metrics(self) -> str:
        return ""


class IdleRuntimeFactory(RuntimeFactory):
    """Selected as `tests.parity.idle_runtime:IdleRuntimeFactory`."""

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        return IdleRuntime()
