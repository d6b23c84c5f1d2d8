"""The hook of this distribution."""

from collections.abc import Iterable

from pulsemill.hookspecs import hookimpl
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_secrets_k8s.configurator import KubernetesSecretsProviderConfigurator


@hookimpl
def pulsemill_secrets_configurators() -> Iterable[type[SecretsProviderConfigurator]]:
    """The configurator for Kubernetes secrets."""
    return [KubernetesSecretsProviderConfigurator]
