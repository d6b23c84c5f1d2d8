"""Which of our distributions owns which name.

With this the registry imports no more of them than it needs, and can say what to install.
"""

from collections.abc import Mapping
from typing import Final

_RUNTIME = "org.apache.pulsar.functions.runtime"
_SECRETS = "org.apache.pulsar.functions.secretsproviderconfigurator"
_AUTH = "org.apache.pulsar.functions.auth"

OWN_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "pulsemill": (
        f"{_SECRETS}.DefaultSecretsProviderConfigurator",
        f"{_SECRETS}.NameAndConfigBasedSecretsProviderConfigurator",
        f"{_AUTH}.ClearTextFunctionTokenAuthProvider",
        "default",
        "name-and-config",
        "clear-text-token",
    ),
    "pulsemill-runtime-thread": (
        f"{_RUNTIME}.thread.ThreadRuntimeFactory",
        f"{_RUNTIME}.ThreadRuntimeFactory",
        "thread",
    ),
    "pulsemill-runtime-process": (
        f"{_RUNTIME}.process.ProcessRuntimeFactory",
        f"{_RUNTIME}.ProcessRuntimeFactory",
        "process",
    ),
    "pulsemill-runtime-k8s": (
        f"{_RUNTIME}.kubernetes.KubernetesRuntimeFactory",
        f"{_RUNTIME}.KubernetesRuntimeFactory",
        "kubernetes",
        "k8s",
    ),
    "pulsemill-secrets-k8s": (f"{_SECRETS}.KubernetesSecretsProviderConfigurator", "kubernetes-secrets"),
    "pulsemill-auth-token": (
        f"{_AUTH}.KubernetesSecretsTokenAuthProvider",
        f"{_AUTH}.KubernetesServiceAccountTokenAuthProvider",
        "kubernetes-secrets-token",
        "kubernetes-service-account-token",
    ),
    "pulsemill-customizer-basic": (f"{_RUNTIME}.kubernetes.BasicKubernetesManifestCustomizer", "basic"),
}
"""Distribution -> the names that select its classes: upstream's, those that older documentation shows, short ones."""


def owner_of(name: str) -> str | None:
    """The distribution of ours that a name belongs to."""
    return next((distribution for distribution, names in OWN_NAMES.items() if name in names), None)
