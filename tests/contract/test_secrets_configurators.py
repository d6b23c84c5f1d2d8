"""Secrets provider configurators keep their contract."""

from typing import ClassVar

from pulsemill.secrets_configurators import (
    DefaultSecretsProviderConfigurator,
    NameAndConfigBasedSecretsProviderConfigurator,
)
from pulsemill.testing import SecretsProviderConfiguratorContract
from pulsemill_secrets_k8s.configurator import KubernetesSecretsProviderConfigurator


class TestDefaultSecretsProviderConfigurator(SecretsProviderConfiguratorContract):
    plugin_class = DefaultSecretsProviderConfigurator


class TestNameAndConfigBasedSecretsProviderConfigurator(SecretsProviderConfiguratorContract):
    plugin_class = NameAndConfigBasedSecretsProviderConfigurator
    configuration: ClassVar = {
        "secretsProviderClassName": "vault.Provider",
        "secretsProviderConfig": {"url": "http://vault"},
    }


class TestKubernetesSecretsProviderConfigurator(SecretsProviderConfiguratorContract):
    plugin_class = KubernetesSecretsProviderConfigurator
    secrets: ClassVar = {"PASSWORD": {"path": "database", "key": "password"}}
    refused_secrets: ClassVar = {"PASSWORD": "secret"}
