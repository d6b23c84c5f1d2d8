"""Makes one StatefulSet per function (upstream: KubernetesRuntimeFactory)."""

import logging
from collections.abc import Sequence
from typing import Any

import attrs

from pulsemill.auth import KubernetesFunctionAuthProvider
from pulsemill.customizer import Manifest
from pulsemill.errors import PulsemillError
from pulsemill.runtime import (
    AuthenticationConfig,
    FunctionPackage,
    InstanceConfig,
    Runtime,
    RuntimeContext,
    RuntimeFactory,
)
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s import admission
from pulsemill_runtime_k8s.config import KubernetesRuntimeFactoryConfig
from pulsemill_runtime_k8s.manifests import ObjectPlan, plan_objects
from pulsemill_runtime_k8s.settings import Settings, settings_of

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
        self.settings: Settings = settings_of(config, context.worker_config)
        url = context.worker_config.state_storage_service_url
        if url and not self.settings.state_storage_service_uri:
            logger.warning("stateStorageServiceUrl: pods cannot reach %s; functions on Kubernetes have no state", url)

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Refuse what Kubernetes would, and resources beyond the worker's limits."""
        admission.check(details, self.settings, self.context.customizer)

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        """Not yet."""
        raise PulsemillError(f"{instance.name}: this version of the Kubernetes runtime only makes manifests")

    def manifests(self, instance: InstanceConfig, package: FunctionPackage) -> Sequence[Manifest]:
        """The Service and the StatefulSet of a function."""
        plan = self.plan(instance, package)
        return plan.service, plan.stateful_set

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

    def _authentication(self, instance: InstanceConfig) -> AuthenticationConfig | None:
        given, provider = self.context.authentication, self.context.auth_provider
        if given is None or provider is None:
            return given
        return provider.configure_authentication_config(given, instance.function_auth_spec)
