"""The classes that come with the core, registered as any plugin's are."""

from collections.abc import Iterable

from pulsemill.hookspecs import hookimpl
from pulsemill.secrets import SecretsProviderConfigurator


@hookimpl
def pulsemill_secrets_configurators() -> Iterable[type[SecretsProviderConfigurator]]:
    """The configurators that need nothing but the core."""
    return ()
