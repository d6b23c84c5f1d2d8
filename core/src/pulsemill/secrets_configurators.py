"""The secrets provider configurators that need nothing but the core."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

_UPSTREAM: Final = "org.apache.pulsar.functions.secretsproviderconfigurator"
_CLEAR_TEXT: Final = {
    FunctionDetails.JAVA: "org.apache.pulsar.functions.secretsprovider.ClearTextSecretsProvider",
    FunctionDetails.PYTHON: "secretsprovider.ClearTextSecretsProvider",
    FunctionDetails.GO: "",  # Go instances have no secrets provider
}


class DefaultSecretsProviderConfigurator(SecretsProviderConfigurator):
    """A secret is the text that the function's configuration gives for it."""

    names: ClassVar = (f"{_UPSTREAM}.DefaultSecretsProviderConfigurator", "default")

    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        """The provider that hands the configured text on."""
        return _CLEAR_TEXT[details.runtime]


@attrs.frozen
class NameAndConfig:
    """The instance-side class and what it is initialized with."""

    secrets_provider_class_name: str
    secrets_provider_config: dict[str, Any] = attrs.field(factory=dict, repr=False)


class NameAndConfigBasedSecretsProviderConfigurator(SecretsProviderConfigurator):
    """Every instance uses one configured class, whatever its language.

    Upstream's can only be made by its local runner; here secretsProviderConfiguratorConfig makes it usable by a worker.
    """

    names: ClassVar = (f"{_UPSTREAM}.NameAndConfigBasedSecretsProviderConfigurator", "name-and-config")
    config_class: ClassVar = NameAndConfig

    def get_secrets_provider_class_name(self, details: FunctionDetails) -> str:
        """The configured class."""
        return str(self.config.secrets_provider_class_name)

    def get_secrets_provider_config(self, details: FunctionDetails) -> Mapping[str, Any]:
        """The configured mapping."""
        return dict(self.config.secrets_provider_config)
