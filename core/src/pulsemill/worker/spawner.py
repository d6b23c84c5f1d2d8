"""Keeps one instance running: brings its code, starts it, watches it, starts it again when it dies.

Upstream: org.apache.pulsar.functions.runtime.RuntimeSpawner, which looks every instanceLivenessCheckFreqMs and restarts
at each look, without back-off or end. Here an instance is started again as soon as it died, at first almost at once and
after each early death later; the health check every instanceLivenessCheckFreqMs tells it that its worker lives.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import attrs

from pulsemill.backoff import Backoff
from pulsemill.errors import PulsemillError
from pulsemill.names import InstanceName
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeFactory
from pulsemill.worker.deaths import Deaths
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus
from pulsemill_instance.told import told

STARTING: Final = "The instance is starting"
STATUS_SECONDS: Final = 5.0
STOP_SECONDS: Final = 30.0
LOAD_GRACE_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


class PackageSource(Protocol):
    """Where the code of instances comes from (`packages.provider.PackageProvider`)."""

    async def fetch(self, metadata: FunctionMetaData, instance_id: int) -> FunctionPackage:
        """Bring a function's code to an instance's folder."""

    async def discard(self, name: InstanceName) -> None:
        """Remove an instance's folder."""


@attrs.define
class Spawner:
    """One instance of one function at one version. Seconds throughout; no health checks every 0 seconds or less."""

    metadata: FunctionMetaData
    instance: InstanceConfig
    factory: RuntimeFactory
    packages: PackageSource
    backoff: Backoff = attrs.field(factory=Backoff)
    health_check_seconds: float = 30.0
    on_started: Callable[[float], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    deaths: Deaths = attrs.field(factory=Deaths)
    num_restarts: int = attrs.field(default=0, init=False)
    _runtime: Runtime | None = attrs.field(default=None, init=False)
    _loading: asyncio.Task[Runtime] | None = attrs.field(default=None, init=False)
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    @property
    def runtime(self) -> Runtime | None:
        """The living runtime."""
        return self._runtime if self._runtime and self._runtime.is_alive else None

    def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._run(), name=f"spawner {self.instance.name}")

    async def stop(self) -> None:
        """End the instance and forget it. Idempotent; never raises for what goes wrong."""
        await self._detach()
        if self._runtime:
            await self._stop_runtime(self._runtime)

    async def detach(self) -> None:
        """Stop watching an externally managed instance, leaving it to run."""
        await self._detach()

    async def hand_over(self, successor: InstanceConfig) -> None:
        """Stop watching, and let the runtime delete what the function's next version does not adopt."""
        await self._detach()
        if self._runtime:
            await self._bounded(self._runtime.hand_over(successor), "handing over")

    async def status(self, instance_id: int) -> FunctionStatus:
        """What is known of the instance now; never raises for one that is starting or dead."""
        runtime = self.runtime
        if runtime is None:
            status = FunctionStatus(running=False, failureException=self.deaths.last or STARTING)
        else:
            status = await self._ask(runtime, instance_id)
        if not self.factory.externally_managed:
            status.numRestarts = self.num_restarts
        status.instanceId = str(instance_id)
        self.deaths.report(status)
        return status

    async def _ask(self, runtime: Runtime, instance_id: int) -> FunctionStatus:
        try:
            return await asyncio.wait_for(runtime.get_function_status(instance_id), STATUS_SECONDS)
        except (PulsemillError, TimeoutError) as error:
            reason = str(error) or f"The instance did not answer within {STATUS_SECONDS:.0f} s"
        except Exception as error:
            logger.exception("asking instance %s failed unexpectedly", self.instance.name)
            reason = f"{type(error).__name__}: {error}"
        return FunctionStatus(running=False, failureException=told(reason))

    async def _run(self) -> None:
        while True:
            started = self.clock()
            reason = await self._live_once()
            self.deaths.add(reason)
            delay = self.backoff.next_delay(self.clock() - started)
            logger.warning("instance %s is down, again in %.1f s: %s", self.instance.name, delay, self.deaths.last)
            await self.sleep(delay)
            self.num_restarts += 1

    async def _live_once(self) -> str:
        """Start and watch, whatever the runtime does; return why the instance is down."""
        try:
            return await self._watch(await self._started())
        except PulsemillError as error:
            reason = str(error)
        except Exception as error:
            logger.exception("instance %s failed unexpectedly", self.instance.name)
            reason = f"{type(error).__name__}: {error}"
        await self._give_up_runtime()
        return reason

    async def _started(self) -> Runtime:
        began = self.clock()
        runtime = self._runtime or await self._load()
        await runtime.start()
        self.on_started(self.clock() - began)
        return runtime

    async def _load(self) -> Runtime:
        """Shielded, because the threads that copy files cannot be cancelled."""
        self._loading = asyncio.create_task(self._fetch_and_create(), name=f"load {self.instance.name}")
        self._runtime = await asyncio.shield(self._loading)
        return self._runtime

    async def _fetch_and_create(self) -> Runtime:
        package = await self.packages.fetch(self.metadata, self.instance.instance_id)
        return await self.factory.create_container(self.instance, package)

    async def _watch(self, runtime: Runtime) -> str:
        checks = asyncio.create_task(self._check_health(runtime), name=f"health {self.instance.name}")
        try:
            await runtime.wait()
        finally:
            checks.cancel()
            await asyncio.wait([checks])
        return runtime.death_exception or "The instance ended without saying why"

    async def _check_health(self, runtime: Runtime) -> None:
        while self.health_check_seconds > 0:
            await self.sleep(self.health_check_seconds)
            if not await self._is_healthy(runtime):
                logger.warning("instance %s does not answer its health check", self.instance.name)

    async def _is_healthy(self, runtime: Runtime) -> bool:
        try:
            return await asyncio.wait_for(runtime.health_check(), STATUS_SECONDS)
        except (PulsemillError, TimeoutError):
            return False
        except Exception:
            logger.exception("the health check of instance %s failed unexpectedly", self.instance.name)
            return False

    async def _detach(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        if self._loading and not self._loading.done():
            await asyncio.wait([self._loading], timeout=LOAD_GRACE_SECONDS)
            self._loading.cancel()

    async def _give_up_runtime(self) -> None:
        """A runtime that failed is made anew, package and all: whatever was wrong may have been healed.

        An externally managed one may have instances that run, whatever failed here, and stays to be started again.
        """
        if self.factory.externally_managed:
            return
        runtime, self._runtime = self._runtime, None
        if runtime:
            await self._stop_runtime(runtime)

    async def _stop_runtime(self, runtime: Runtime) -> None:
        await self._bounded(runtime.stop(), "stopping")

    async def _bounded(self, work: Awaitable[None], doing: str) -> None:
        try:
            await asyncio.wait_for(work, STOP_SECONDS)
        except Exception:
            logger.exception("%s instance %s failed", doing, self.instance.name)
