"""The objects of a function: one Service and one StatefulSet. Pure (upstream: KubernetesRuntime)."""

import copy

import attrs

from pulsemill.auth import AuthenticationConfig
from pulsemill.customizer import Manifest, ManifestCustomizer
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.labels import annotations_of, labels_of
from pulsemill_runtime_k8s.names import job_name
from pulsemill_runtime_k8s.pod import pod_spec
from pulsemill_runtime_k8s.pod_function import PodFunction
from pulsemill_runtime_k8s.settings import Settings


@attrs.frozen
class ObjectPlan:
    """What is to be in Kubernetes for a function, in the JSON shapes of its API with `apiVersion` and `kind`."""

    namespace: str
    name: str
    service: Manifest
    stateful_set: Manifest


def plan_objects(
    instance: InstanceConfig,
    package: FunctionPackage,
    settings: Settings,
    secrets: SecretsProviderConfigurator,
    authentication: AuthenticationConfig | None = None,
    customizer: ManifestCustomizer | None = None,
) -> ObjectPlan:
    """The objects as upstream sends them; what a function auth provider adds comes after that.

    The customizer changes what it likes, except for the name and the namespace by which the objects are found again.
    """
    details = instance.function_details
    function = PodFunction(
        instance=instance,
        package=package,
        settings=settings,
        authentication=authentication,
        secrets_provider=secrets.get_secrets_provider_class_name(details),
        secrets_provider_config=secrets.get_secrets_provider_config(details),
    )
    namespace, name = object_place(details, settings, customizer)
    metadata = {"name": name, "namespace": namespace, "labels": labels_of(details, settings.custom_labels)}
    service = service_manifest(metadata, settings)
    stateful_set = stateful_set_manifest(metadata, function, secrets)
    if customizer:
        service = customizer.customize_service(details, service)
        stateful_set = customizer.customize_stateful_set(details, stateful_set)
    return ObjectPlan(namespace, name, _placed(service, metadata), _placed(stateful_set, metadata))


def object_place(
    details: FunctionDetails, settings: Settings, customizer: ManifestCustomizer | None = None
) -> tuple[str, str]:
    """The namespace and the name of a function's objects."""
    namespace, override = settings.job_namespace, settings.job_name
    if customizer:
        namespace = customizer.customize_namespace(details, namespace)
        override = customizer.customize_name(details, override)
    return namespace, job_name(details, override)


def service_manifest(metadata: Manifest, settings: Settings) -> Manifest:
    """The headless Service that gives each pod a DNS name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": copy.deepcopy(metadata),
        "spec": {
            "clusterIP": "None",
            "ports": [{"name": "grpc", "port": settings.grpc_port, "protocol": "TCP"}],
            "selector": dict(metadata["labels"]),
        },
    }


def stateful_set_manifest(metadata: Manifest, function: PodFunction, secrets: SecretsProviderConfigurator) -> Manifest:
    """The StatefulSet, one pod for each instance, all started and ended at once."""
    labels = metadata["labels"]
    annotations = annotations_of(function.settings)
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": copy.deepcopy(metadata),
        "spec": {
            "replicas": function.details.parallelism,
            "serviceName": metadata["name"],
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": dict(labels)},
            "template": {
                "metadata": {"labels": dict(labels)} | ({"annotations": annotations} if annotations else {}),
                "spec": pod_spec(function, secrets),
            },
        },
    }


def _placed(manifest: Manifest, metadata: Manifest) -> Manifest:
    place = {"name": metadata["name"], "namespace": metadata["namespace"]}
    return {**manifest, "metadata": {**manifest["metadata"], **place}}
