"""Where an instance's secrets come from. The module's name is part of the interface: `secretsprovider.X` is X here.

Upstream: secretsprovider.py of the Python instance.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulsemill_instance.imports import ModuleImporter
from pulsemill_instance.startup_errors import StartupError
from pulsemill_instance.user_code import import_class

BUILT_IN = "secretsprovider."


class SecretsProvider:
    """The interface of a provider; a user's own need not derive from it."""

    def init(self, config: Mapping[str, Any] | None) -> None:
        """Called once, with --secrets_provider_config."""
        return

    def provide_secret(self, secret_name: str, path_to_secret: Any) -> Any:
        """The value of a secret; `path_to_secret` is what the function's secretsMap holds under its name."""
        raise NotImplementedError


class ClearTextSecretsProvider(SecretsProvider):
    """The secretsMap holds the secrets themselves."""

    def provide_secret(self, secret_name: str, path_to_secret: Any) -> Any:
        """What the secretsMap holds, of whatever type."""
        return path_to_secret


class EnvironmentBasedSecretsProvider(SecretsProvider):
    """A secret is the environment variable of its name."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def provide_secret(self, secret_name: str, path_to_secret: Any) -> str | None:
        """The environment variable, None when it is not set."""
        return self._environ.get(secret_name)


def load_secrets_provider(
    name: str,
    config: Mapping[str, Any] | None,
    package: Path,
    importer: ModuleImporter,
    environ: Mapping[str, str] | None = None,
) -> SecretsProvider:
    """Make the provider of a name, ours or one of the package's or the environment's; StartupError when that fails."""
    provider = _make(name, package, importer, environ)
    try:
        provider.init(config)
    except Exception as error:  # a third party's code may raise anything
        raise StartupError(f"Secrets provider {name!r} refused its configuration: {error}") from error
    return provider


def _make(name: str, package: Path, importer: ModuleImporter, environ: Mapping[str, str] | None) -> SecretsProvider:
    if name in {"", f"{BUILT_IN}ClearTextSecretsProvider"}:
        return ClearTextSecretsProvider()
    if name == f"{BUILT_IN}EnvironmentBasedSecretsProvider":
        return EnvironmentBasedSecretsProvider(environ)
    provider_class = import_class(name, package, importer)
    if not (
        callable(getattr(provider_class, "init", None)) and callable(getattr(provider_class, "provide_secret", None))
    ):
        raise StartupError(
            f"Secrets provider {name!r} lacks init(config) or provide_secret(secret_name, path_to_secret)"
        )
    try:
        provider: SecretsProvider = provider_class()
    except Exception as error:  # a third party's code may raise anything
        raise StartupError(f"Secrets provider {name!r} cannot be made without arguments: {error}") from error
    return provider
