"""The contract of a runtime: how instances of functions are started, watched and asked.

Upstream: org.apache.pulsar.functions.runtime.{RuntimeFactory, Runtime}. All coroutines run on the worker's event loop
and must not block it; a runtime that has to block does so in threads of its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import attrs

from pulsemill.auth import AuthenticationConfig, FunctionAuthProvider
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.customizer import Manifest, ManifestCustomizer
from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.plugin import Plugin
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails, FunctionMetaData
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData


@attrs.frozen
class InstanceConfig:
    """One instance of one function, as a runtime starts it.

    `instance_id` is -1 when the runtime is externally managed and takes all instances at once. `function_id` and
    `function_version` are UUIDs that stay the same over restarts of the same spawner: random ones, and under an
    externally managed runtime such as only depend on the metadata, so that a new worker recognizes what runs.
    """

    function_details: FunctionDetails
    instance_id: int
    function_id: str
    function_version: str
    cluster_name: str
    function_auth_spec: FunctionAuthenticationSpec | None = attrs.field(default=None, repr=False)
    max_buffered_tuples: int = 1024
    max_pending_async_requests: int = 1000
    expose_pulsar_admin_client: bool = False
    ignore_unknown_config_fields: bool = False
    health_check_interval_seconds: int = 30

    @property
    def name(self) -> InstanceName:
        """The instance's full name."""
        return InstanceName(FunctionName.of(self.function_details), self.instance_id)


@attrs.frozen
class FunctionPackage:
    """A function's code as a runtime gets it.

    `code` is a local file, checked and ready to run, or None when `externally_managed` runtimes fetch `location`
    (a `packagePath`, perhaps with a password) themselves. `original_name` is what the user called the file; then it may
    be empty. The transform function of a sink comes the same way.
    """

    code: Path | None
    original_name: str
    location: str = attrs.field(repr=False)
    transform: Path | None = None
    transform_original_name: str = ""
    transform_location: str = attrs.field(default="", repr=False)


@attrs.frozen
class RuntimeContext:
    """What a worker gives to its runtime factory. `authentication` is None without authenticationEnabled and TLS."""

    worker_config: WorkerConfig
    secrets: SecretsProviderConfigurator
    authentication: AuthenticationConfig | None = None
    auth_provider: FunctionAuthProvider | None = None
    customizer: ManifestCustomizer | None = None


class Runtime(ABC):
    """One started instance (or, externally managed, all instances of a function).

    The spawner calls `start`, waits in `wait`, and starts again a runtime of the same configuration when `wait`
    returns without `stop` having been called. An externally managed one may find its instances running when it is
    started, is started again after a failure, and is left without `stop` when another worker takes over. No method may
    hang: each bounds its own waiting.
    """

    @abstractmethod
    async def start(self) -> None:
        """Launch the instance; raise PulsemillError when that is known to have failed.

        May be called again after the instance died.
        """

    @abstractmethod
    async def wait(self) -> None:
        """Return as soon as the instance is no longer alive, for whatever reason."""

    @abstractmethod
    async def stop(self) -> None:
        """End the instance gracefully, then by force, within about ten seconds. Idempotent."""

    @property
    @abstractmethod
    def is_alive(self) -> bool:
        """Whether the instance lives, from memory: no I/O."""

    @property
    @abstractmethod
    def death_exception(self) -> str | None:
        """Why the instance died (exit code and last words), None while it lives or was never started."""

    @abstractmethod
    async def get_function_status(self, instance_id: int) -> FunctionStatus:
        """The instance's own view of itself. A dead instance answers running=False and its death, it never raises."""

    @abstractmethod
    async def get_metrics(self, instance_id: int) -> MetricsData:
        """Counters since the start and of the current minute; raise PulsemillError when the instance cannot answer."""

    @abstractmethod
    async def get_and_reset_metrics(self, instance_id: int) -> MetricsData:
        """As `get_metrics`, then as `reset_metrics`."""

    @abstractmethod
    async def reset_metrics(self, instance_id: int) -> None:
        """Clear the current minute and the user's metrics."""

    @abstractmethod
    async def get_prometheus_metrics(self) -> str:
        """The instance's metrics in Prometheus' text format, empty when there are none."""

    async def restart(self, instance_id: int) -> None:
        """Externally managed only: restart one instance, or with -1 all, one after the other, without deleting them."""
        raise PulsemillError(f"{type(self).__name__} does not restart instances by itself")

    async def hand_over(self, successor: InstanceConfig) -> None:
        """Externally managed only: another version of the function takes over what this runtime keeps running.

        Called before the successor starts, here or on another worker: delete what it will not adopt, leave the rest.
        """
        return

    async def health_check(self) -> bool:
        """Tell a process that its worker lives (it ends itself otherwise); False when it does not answer."""
        return self.is_alive


class RuntimeFactory(Plugin, ABC):
    """Makes runtimes. One per worker, made at its start with its structured configuration."""

    externally_managed: ClassVar[bool] = False
    """True when something else (Kubernetes) keeps the instances running: they outlive the worker."""

    def __init__(self, config: Any, context: RuntimeContext) -> None:
        self.config = config
        self.context = context

    async def initialize(self) -> None:
        """Check what the runtime needs (programs, folders, servers); raise ConfigurationError when it lacks."""
        return

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Raise AdmissionError when this runtime cannot run the function. Called at registration and update."""
        return

    @abstractmethod
    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        """A runtime for an instance, not yet started (upstream's createContainer)."""

    def manifests(self, instance: InstanceConfig, package: FunctionPackage) -> Sequence[Manifest]:
        """What would be created for a function, without creating it; a runtime without manifests raises."""
        raise PulsemillError(f"{type(self).__name__} makes no manifests; only runtimes on Kubernetes do")

    async def live_manifests(self, instance: InstanceConfig, package: FunctionPackage) -> Sequence[Manifest]:
        """The objects that exist now in the places of `manifests`; those that do not exist are left out."""
        raise PulsemillError(f"{type(self).__name__} makes no manifests; only runtimes on Kubernetes do")

    async def delete_orphans(
        self, functions: Callable[[], Iterable[FunctionMetaData]], deleted: Iterable[FunctionMetaData]
    ) -> None:
        """Externally managed only: delete what belongs to no function of this cluster any more.

        The leader calls it from time to time; `functions` gives all functions as of the moment that it is called,
        `deleted` are those that were deleted lately: their last versions tell where something may be left.
        """
        return

    async def close(self) -> None:
        """Let go of shared resources, after all runtimes were stopped."""
        return
