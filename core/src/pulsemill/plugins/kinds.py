"""The kinds of plugins: one per hook."""

from typing import Any, Final, Generic, TypeVar

import attrs

from pulsemill.auth import FunctionAuthProvider
from pulsemill.customizer import ManifestCustomizer
from pulsemill.plugin import Plugin
from pulsemill.runtime import RuntimeFactory
from pulsemill.secrets import SecretsProviderConfigurator

P = TypeVar("P", bound=Plugin)


@attrs.frozen
class PluginKind(Generic[P]):
    """A hook, the class that everything it returns derives from, and the keys of the configuration that use it."""

    hook: str
    base: type[Any]
    name_key: str
    config_key: str

    def __str__(self) -> str:
        return self.base.__name__


RUNTIME_FACTORY: Final = PluginKind[RuntimeFactory](
    "pulsemill_runtime_factories", RuntimeFactory, "functionRuntimeFactoryClassName", "functionRuntimeFactoryConfigs"
)
SECRETS_CONFIGURATOR: Final = PluginKind[SecretsProviderConfigurator](
    "pulsemill_secrets_configurators",
    SecretsProviderConfigurator,
    "secretsProviderConfiguratorClassName",
    "secretsProviderConfiguratorConfig",
)
FUNCTION_AUTH_PROVIDER: Final = PluginKind[FunctionAuthProvider](
    "pulsemill_function_auth_providers",
    FunctionAuthProvider,
    "functionAuthProviderClassName",
    "functionRuntimeFactoryConfigs.kubernetesFunctionAuthProviderConfig",
)
MANIFEST_CUSTOMIZER: Final = PluginKind[ManifestCustomizer](
    "pulsemill_manifest_customizers", ManifestCustomizer, "runtimeCustomizerClassName", "runtimeCustomizerConfig"
)

KINDS: Final[tuple[PluginKind[Any], ...]] = (
    RUNTIME_FACTORY,
    SECRETS_CONFIGURATOR,
    FUNCTION_AUTH_PROVIDER,
    MANIFEST_CUSTOMIZER,
)
