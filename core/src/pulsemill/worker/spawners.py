"""Makes the spawner of an instance from its metadata and the worker's configuration."""

import uuid
from typing import Final

import attrs

from pulsemill.backoff import Backoff
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.runtime import InstanceConfig, RuntimeFactory
from pulsemill.worker.metrics import Times
from pulsemill.worker.spawner import PackageSource, Spawner
from pulsemill_instance.proto.Function_pb2 import Instance

MILLISECONDS: Final = 1000


@attrs.frozen
class Spawners:
    """Calls make one spawner each; function id and version are random, as upstream's."""

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
            health_check_seconds=self.config.instance_liveness_check_freq_ms / MILLISECONDS,
            on_started=lambda seconds: self.start_times.observe(seconds * MILLISECONDS),
        )

    def _backoff(self) -> Backoff:
        own = self.config.pulsemill
        return Backoff(
            first=own.restart_backoff_initial_seconds,
            longest=own.restart_backoff_max_seconds,
            healthy_after=own.restart_backoff_reset_seconds,
        )

    def _instance_config(self, instance: Instance) -> InstanceConfig:
        metadata = instance.functionMetaData
        return InstanceConfig(
            function_details=metadata.functionDetails,
            instance_id=instance.instanceId,
            function_id=str(uuid.uuid4()),
            function_version=str(uuid.uuid4()),
            cluster_name=self.config.pulsar_functions_cluster,
            function_auth_spec=metadata.functionAuthSpec if self.config.authentication_enabled else None,
            max_pending_async_requests=self.config.max_pending_async_requests,
            expose_pulsar_admin_client=self.config.expose_admin_client_enabled,
            ignore_unknown_config_fields=self.config.ignore_unknown_config_fields,
            health_check_interval_seconds=self.config.instance_liveness_check_freq_ms // MILLISECONDS,
        )
