"""Makes the spawner of an instance from its metadata and the worker's configuration."""

import uuid
from typing import Final

import attrs

from pulsemill.backoff import Backoff
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.names import FunctionName
from pulsemill.runtime import InstanceConfig, RuntimeFactory
from pulsemill.worker.metrics import Times
from pulsemill.worker.spawner import PackageSource, Spawner
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, Instance

MILLISECONDS: Final = 1000
NAMESPACE: Final = uuid.UUID("b1c9ff5c-53b3-4a5c-9d65-0f6c4f1f5b52")


@attrs.frozen
class Spawners:
    """Calls make one spawner each.

    Function id and version are random, as upstream's, except for externally managed instances, which outlive the
    worker: theirs depend on the metadata alone, so that the next worker does not take what runs for out of date.
    """

    config: WorkerConfig
    factory: RuntimeFactory
    packages: PackageSource
    start_times: Times

    def __call__(self, instance: Instance) -> Spawner:
        """A spawner that was not started."""
        return Spawner(
            metadata=instance.functionMetaData,
            instance=self._instance_config(instance),
            factory=self.factory,
            packages=self.packages,
            backoff=self._backoff(),
            health_check_seconds=0 if self._external else self.config.instance_liveness_check_freq_ms / MILLISECONDS,
            on_started=lambda seconds: self.start_times.observe(seconds * MILLISECONDS),
        )

    @property
    def _external(self) -> bool:
        return self.factory.externally_managed

    def _backoff(self) -> Backoff:
        own = self.config.pulsemill
        return Backoff(
            first=own.restart_backoff_initial_seconds,
            longest=own.restart_backoff_max_seconds,
            healthy_after=own.restart_backoff_reset_seconds,
        )

    def _instance_config(self, instance: Instance) -> InstanceConfig:
        metadata = instance.functionMetaData
        function_id, function_version = identity(metadata) if self._external else (uuid.uuid4(), uuid.uuid4())
        return InstanceConfig(
            function_details=metadata.functionDetails,
            instance_id=instance.instanceId,
            function_id=str(function_id),
            function_version=str(function_version),
            cluster_name=self.config.pulsar_functions_cluster,
            function_auth_spec=metadata.functionAuthSpec if self.config.authentication_enabled else None,
            max_pending_async_requests=self.config.max_pending_async_requests,
            expose_pulsar_admin_client=self.config.expose_admin_client_enabled,
            ignore_unknown_config_fields=self.config.ignore_unknown_config_fields,
            health_check_interval_seconds=-1
            if self._external
            else self.config.instance_liveness_check_freq_ms // MILLISECONDS,
        )


def identity(metadata: FunctionMetaData) -> tuple[uuid.UUID, uuid.UUID]:
    """Ids of a function and of its version that every worker finds alike."""
    function = f"{FunctionName.of(metadata.functionDetails)} {metadata.createTime}"
    return uuid.uuid5(NAMESPACE, function), uuid.uuid5(NAMESPACE, f"{function} {metadata.version}")
