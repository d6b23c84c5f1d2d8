"""The hook of this distribution."""

from collections.abc import Iterable

from pulsemill.hookspecs import hookimpl
from pulsemill.secrets import SecretsProviderConfigurator


@hookimpl
def pulsemill_secrets_configurators() -> Iterable[type[SecretsProviderConfigurator]]:
    """The configurator for Kubernetes secrets."""
    return ()
