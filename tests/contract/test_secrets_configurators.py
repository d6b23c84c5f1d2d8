"""The core's secrets provider configurators keep their contract."""

from typing import ClassVar

from pulsemill.secrets_configurators import (
    DefaultSecretsProviderConfigurator,
    NameAndConfigBasedSecretsProviderConfigurator,
)
from pulsemill.testing import SecretsProviderConfiguratorContract


class TestDefaultSecretsProviderConfigurator(SecretsProviderConfiguratorContract):
    plugin_class = DefaultSecretsProviderConfigurator


class TestNameAndConfigBasedSecretsProviderConfigurator(SecretsProviderConfiguratorContract):
    plugin_class = NameAndConfigBasedSecretsProviderConfigurator
    configuration: ClassVar = {
        "secretsProviderClassName": "vault.Provider",
        "secretsProviderConfig": {"url": "http://vault"},
    }
