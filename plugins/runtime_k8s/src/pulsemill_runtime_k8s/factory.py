"""Makes one StatefulSet per function (upstream: KubernetesRuntimeFactory)."""

import functools
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from pulsemill.auth import AuthenticationConfig, KubernetesFunctionAuthProvider, KubernetesSurroundings
from pulsemill.customizer import Manifest
from pulsemill.errors import ConfigurationError
from pulsemill.runtime import (
    FunctionPackage,
    InstanceConfig,
    Runtime,
    RuntimeContext,
    RuntimeFactory,
)
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData
from pulsemill_runtime_k8s import admission
from pulsemill_runtime_k8s.config import DEFAULT_METRICS_COLLECTION_SECONDS, KubernetesRuntimeFactoryConfig
from pulsemill_runtime_k8s.manifests import ObjectPlan, object_place, plan_objects
from pulsemill_runtime_k8s.settings import Settings, settings_of
from pulsemill_runtime_k8s.trust import problem_of_downloads, with_mounted_trust, with_pods_tls

if TYPE_CHECKING:
    from pulsemill_runtime_k8s.cluster import Cluster

logger = logging.getLogger(__name__)


class KubernetesRuntimeFactory(RuntimeFactory):
    """Runs Python, Java and Go functions, each as a StatefulSet whose pods are its instances."""

    names = (
        "org.apache.pulsar.functions.runtime.kubernetes.KubernetesRuntimeFactory",
        "org.apache.pulsar.functions.runtime.KubernetesRuntimeFactory",
        "kubernetes",
        "k8s",
    )
    config_class = KubernetesRuntimeFactoryConfig
    externally_managed = True

    def __init__(self, config: Any, context: RuntimeContext) -> None:
        super().__init__(config, context)
        self._settings: Settings = settings_of(config, context.worker_config)
        self._cluster: Cluster | None = None
        if config.expected_metrics_collection_interval not in (None, DEFAULT_METRICS_COLLECTION_SECONDS):
            logger.warning("expectedMetricsCollectionInterval has no effect: Prometheus decides how often it asks pods")
        url = context.worker_config.state_storage_service_url
        if url and not self._settings.state_storage_service_uri:
            logger.warning("stateStorageServiceUrl: pods cannot reach %s; functions on Kubernetes have no state", url)
        if problem := problem_of_downloads(self._settings, context.worker_config):
            logger.warning("%s", problem)

    @property
    def settings(self) -> Settings:
        """What the next start of a function is made from."""
        return self._cluster.settings if self._cluster else self._settings

    async def initialize(self) -> None:
        """Connect to Kubernetes and tell what the worker lacks there; the API server may still be away."""
        provider = self.context.auth_provider
        if provider is not None and not isinstance(provider, KubernetesFunctionAuthProvider):
            raise ConfigurationError(
                f"functionAuthProviderClassName: {type(provider).__name__} cannot bring credentials into pods; "
                "Function authentication provider must implement KubernetesFunctionAuthProvider"
            )
        cluster = await self._connected()
        await cluster.start()
        if provider is not None:
            await provider.initialize(self._surroundings(cluster))

    async def close(self) -> None:
        """Stop watching and close the connection; functions go on."""
        cluster, self._cluster = self._cluster, None
        if cluster:
            await cluster.close()

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Refuse what Kubernetes would, and resources beyond the worker's limits."""
        admission.check(details, self.settings, self.context.customizer)

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        """All instances of a function as one runtime."""
        return (await self._connected()).runtime(instance, lambda: self.plan(instance, package))

    async def delete_orphans(
        self, functions: Callable[[], Iterable[FunctionMetaData]], deleted: Iterable[FunctionMetaData]
    ) -> None:
        """Delete objects and credentials of functions that are gone."""
        await (await self._connected()).delete_orphans(functions, deleted)
        if isinstance(self.context.auth_provider, KubernetesFunctionAuthProvider):
            await self.context.auth_provider.delete_orphans(functions)

    def manifests(self, instance: InstanceConfig, package: FunctionPackage) -> Sequence[Manifest]:
        """The Service and the StatefulSet of a function."""
        plan = self.plan(instance, package)
        return plan.service, plan.stateful_set

    async def live_manifests(self, instance: InstanceConfig, package: FunctionPackage) -> Sequence[Manifest]:
        """The function's Service and StatefulSet on the API server, those that exist."""
        cluster = await self._connected()
        return await cluster.deployment(self.plan(instance, package)).live()

    def plan(self, instance: InstanceConfig, package: FunctionPackage) -> ObjectPlan:
        """What is to be in Kubernetes for a function, with what brings its credentials into the pods."""
        context, provider = self.context, self.context.auth_provider
        plan = plan_objects(
            instance, package, self.settings, context.secrets, self._authentication(instance), context.customizer
        )
        if not isinstance(provider, KubernetesFunctionAuthProvider):
            return plan
        stateful_set = provider.configure_stateful_set(plan.stateful_set, instance.function_auth_spec)
        return attrs.evolve(plan, stateful_set=stateful_set)

    async def _connected(self) -> "Cluster":
        # The Kubernetes client costs a worker that only looks for its plugins memory and start time.
        from pulsemill_runtime_k8s.cluster import Cluster  # noqa: PLC0415
        from pulsemill_runtime_k8s.objects import field_manager  # noqa: PLC0415

        if self._cluster is None:
            worker = self.context.worker_config
            manager = field_manager(worker.pulsar_functions_cluster, worker.pulsar_functions_namespace)
            self._cluster = await Cluster.connected(self._settings, manager, self.context.customizer)
        return self._cluster

    def _surroundings(self, cluster: "Cluster") -> KubernetesSurroundings:
        def namespace_of(details: FunctionDetails) -> str:
            return object_place(details, self.settings, self.context.customizer)[0]

        worker = self.context.worker_config
        paths = (worker.broker_client_trust_certs_file_path, worker.tls_trust_certs_file_path)
        read_ca = functools.partial(_content_of_first, paths)
        return KubernetesSurroundings(cluster.api, namespace_of, cluster.report_missing_rights, read_ca)

    def _authentication(self, instance: InstanceConfig) -> AuthenticationConfig | None:
        settings, context = self.settings, self.context
        config = with_pods_tls(context.authentication, settings, context.worker_config)
        if config is not None and context.auth_provider is not None:
            config = context.auth_provider.configure_authentication_config(config, instance.function_auth_spec)
        return with_mounted_trust(config, settings)


def _content_of_first(paths: Iterable[str | None]) -> bytes | None:
    """The trusted certificates that there are, as upstream looks for them; ConfigurationError for unreadable ones."""
    path = next((Path(path) for path in paths if path and Path(path).is_file()), None)
    try:
        return path.read_bytes() if path else None
    except OSError as error:
        raise ConfigurationError(f"cannot read the trusted certificates {path}: {error.strerror}") from error
