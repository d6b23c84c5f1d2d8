"""Secrets of functions are keys of Kubernetes secrets.

Upstream: org.apache.pulsar.functions.secretsproviderconfigurator.KubernetesSecretsProviderConfigurator.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pulsemill.errors import PulsemillError
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_secrets_k8s.references import secret_references

_PROVIDERS: Final = {
    FunctionDetails.JAVA: "org.apache.pulsar.functions.secretsprovider.EnvironmentBasedSecretsProvider",
    FunctionDetails.PYTHON: "secretsprovider.EnvironmentBasedSecretsProvider",
    FunctionDetails.GO: "",  # Go functions read their environment themselves
}


class KubernetesSecretsProviderConfigurator(SecretsProviderConfigurator):
    """The kubelet puts each secret into the environment of a pod's containers; the worker never sees a value."""

    names: ClassVar = (
        "org.apache.pulsar.functions.secretsproviderconfigurator.KubernetesSecretsProviderConfigurator",
        "kubernetes-secrets",
    )

    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        """The provider that reads environment variables."""
        return _PROVIDERS[details.runtime]

    def configure_process_runtime(self, details: FunctionDetails) -> Mapping[str, str]:
        """A refusal: there is no kubelet that would give a process its secrets."""
        raise PulsemillError(
            "KubernetesSecretsProviderConfigurator should only be setup for Kubernetes Runtime; "
            "choose another secretsProviderConfiguratorClassName or functionRuntimeFactoryClassName"
        )

    def configure_kubernetes_runtime(
        self, details: FunctionDetails, pod_spec: dict[str, Any], container: dict[str, Any]
    ) -> None:
        """Add a variable for each secret. One that the container already has is replaced, not given twice."""
        added = [reference.environment_variable() for reference in secret_references(details)]
        if added:
            names = {variable["name"] for variable in added}
            kept = [variable for variable in container.get("env", ()) if variable["name"] not in names]
            container["env"] = kept + added

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Refuse secrets of another form than `{VARIABLE: {path: SECRET, key: KEY}}`."""
        secret_references(details)
