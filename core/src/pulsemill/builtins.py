"""The classes that come with the core, registered as any plugin's are."""

from collections.abc import Iterable

from pulsemill.auth import FunctionAuthProvider
from pulsemill.hookspecs import hookimpl
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill.secrets_configurators import (
    DefaultSecretsProviderConfigurator,
    NameAndConfigBasedSecretsProviderConfigurator,
)
from pulsemill.token_auth import ClearTextFunctionTokenAuthProvider


@hookimpl
def pulsemill_secrets_configurators() -> Iterable[type[SecretsProviderConfigurator]]:
    """The configurators that need nothing but the core."""
    return (DefaultSecretsProviderConfigurator, NameAndConfigBasedSecretsProviderConfigurator)


@hookimpl
def pulsemill_function_auth_providers() -> Iterable[type[FunctionAuthProvider]]:
    """The provider that needs no Kubernetes."""
    return (ClearTextFunctionTokenAuthProvider,)
