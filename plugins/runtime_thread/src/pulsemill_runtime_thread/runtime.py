"""One instance of a function as a thread of the worker's process (upstream: thread.ThreadRuntime).

Threads: all methods run on the event loop; only InstanceThread's end is told from another thread. Shutdown of an
instance: ask it to stop; after STOP_SECONDS abandon it; wait ABANDON_SECONDS for its thread; let its client view go.
"""

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

from pulsemill.auth import AuthenticationConfig
from pulsemill.errors import PackageError, PulsemillError
from pulsemill.runtime import InstanceConfig, Runtime, RuntimeContext
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.instance import FunctionInstance
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_instance.spec import InstanceSpec
from pulsemill_runtime_thread.clients import ClientPool, InstanceClient
from pulsemill_runtime_thread.instance_thread import InstanceThread, SecretsSource

LOAD_SECONDS = 30.0
STOP_SECONDS = 6.0
ABANDON_SECONDS = 1.0

log = logging.getLogger(__name__)


class ThreadRuntime(Runtime):
    """Starts, watches and stops an instance; each start is a thread of its own with freshly loaded code."""

    def __init__(self, instance: InstanceConfig, code: Path, context: RuntimeContext, clients: ClientPool) -> None:
        self._config = instance
        self._code = code
        self._context = context
        self._clients = clients
        self._authentication = _authentication(instance, context)
        self._view: InstanceClient | None = None
        self._thread: InstanceThread | None = None
        self._ended = asyncio.Event()
        self._ended.set()
        self._stopping = asyncio.Lock()

    async def start(self) -> None:
        """Load the function and run it; PackageError when its code cannot be loaded (within LOAD_SECONDS)."""
        await self.stop()
        try:
            self._view = self._clients.acquire(self._authentication)
        except InstanceError as error:
            raise PulsemillError(f"{self._config.name}: {error}") from error
        self._ended = asyncio.Event()
        thread = self._thread = InstanceThread(
            self._config.name, self._spec(), self._code, self._secrets(), self._view, self._tell(self._ended)
        )
        thread.start()
        try:
            await asyncio.wait_for(asyncio.wrap_future(thread.loaded), LOAD_SECONDS)
        except TimeoutError:
            await self._abandon(thread)
            await self.stop()
            raise PackageError(f"{self._config.name}: its code did not load within {LOAD_SECONDS:g} s") from None
        except InstanceError as error:
            await self.stop()
            raise PackageError(f"{self._config.name}: {error}") from error

    async def wait(self) -> None:
        """Return when the thread has ended or was abandoned."""
        await self._ended.wait()

    async def stop(self) -> None:
        """Let the instance drain, then abandon its thread if user code does not return."""
        async with self._stopping:
            thread, view = self._thread, self._view
            if thread is None or view is None:
                return
            thread.request_stop()
            if not await self._has_ended_within(STOP_SECONDS):
                await self._abandon(thread)
            self._view = None
            await self._clients.release(self._authentication, view)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs and was not abandoned."""
        return not self._ended.is_set()

    @property
    def death_exception(self) -> str | None:
        """What ended the thread, None when it was asked to end."""
        return self._thread.death if self._thread is not None else None

    async def get_function_status(self, instance_id: int) -> FunctionStatus:
        """The instance's view of itself, or its death."""
        instance = self._living()
        if instance is not None:
            return instance.get_function_status()
        return FunctionStatus(
            running=False, failureException=self.death_exception or "", instanceId=str(self._config.instance_id)
        )

    async def get_metrics(self, instance_id: int) -> MetricsData:
        """The instance's counters."""
        return self._living_or_raise().get_metrics()

    async def get_and_reset_metrics(self, instance_id: int) -> MetricsData:
        """The counters, then a reset."""
        return self._living_or_raise().get_and_reset_metrics()

    async def reset_metrics(self, instance_id: int) -> None:
        """Clear the current minute and the user's metrics."""
        self._living_or_raise().reset_metrics()

    async def get_prometheus_metrics(self) -> str:
        """The instance's metrics, empty when it is not alive."""
        instance = self._living()
        return "" if instance is None else instance.prometheus_metrics()

    def _living(self) -> FunctionInstance | None:
        return self._thread.instance if self._thread is not None and self.is_alive else None

    def _living_or_raise(self) -> FunctionInstance:
        instance = self._living()
        if instance is None:
            raise PulsemillError(f"{self._config.name} is not alive")
        return instance

    async def _has_ended_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        return self._ended.is_set()

    async def _abandon(self, thread: InstanceThread) -> None:
        log.warning(
            "%s does not stop: its thread is abandoned, its consumers and producers are closed", self._config.name
        )
        await self._clients.run_blocking(thread.abandon)
        if not await self._has_ended_within(ABANDON_SECONDS):
            self._ended.set()

    def _tell(self, ended: asyncio.Event) -> "_Teller":
        return _Teller(asyncio.get_running_loop(), ended)

    def _spec(self) -> InstanceSpec:
        config = self._config
        return InstanceSpec(
            function_details=config.function_details,
            instance_id=config.instance_id,
            function_id=config.function_id,
            function_version=config.function_version,
            cluster_name=config.cluster_name,
            state_storage_service_url=self._context.worker_config.state_storage_service_url,
        )

    def _secrets(self) -> SecretsSource:
        secrets, details = self._context.secrets, self._config.function_details
        return SecretsSource(
            secrets.get_secrets_provider_class_name(details),
            secrets.get_secrets_provider_config(details),
            {**os.environ, **secrets.configure_process_runtime(details)},
        )


class _Teller:
    """Tells an event of a loop from another thread; the loop may be gone by then."""

    def __init__(self, loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
        self._loop = loop
        self._event = event

    def __call__(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)


def _authentication(instance: InstanceConfig, context: RuntimeContext) -> AuthenticationConfig | None:
    """The function's own credentials where it has some, the worker's otherwise."""
    if context.authentication is None or context.auth_provider is None:
        return context.authentication
    return context.auth_provider.configure_authentication_config(context.authentication, instance.function_auth_spec)
