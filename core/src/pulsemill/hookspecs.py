"""The four hooks: the whole contract between the core and its plugins."""

from collections.abc import Iterable

import pluggy

from pulsemill.auth import FunctionAuthProvider
from pulsemill.customizer import ManifestCustomizer
from pulsemill.runtime import RuntimeFactory
from pulsemill.secrets import SecretsProviderConfigurator

hookspec = pluggy.HookspecMarker("pulsemill")
hookimpl = pluggy.HookimplMarker("pulsemill")


@hookspec
def pulsemill_runtime_factories() -> Iterable[type[RuntimeFactory]]:  # type: ignore[empty-body]
    """Classes for functionRuntimeFactoryClassName."""


@hookspec
def pulsemill_secrets_configurators() -> Iterable[type[SecretsProviderConfigurator]]:  # type: ignore[empty-body]
    """Classes for secretsProviderConfiguratorClassName."""


@hookspec
def pulsemill_function_auth_providers() -> Iterable[type[FunctionAuthProvider]]:  # type: ignore[empty-body]
    """Classes for functionAuthProviderClassName."""


@hookspec
def pulsemill_manifest_customizers() -> Iterable[type[ManifestCustomizer]]:  # type: ignore[empty-body]
    """Classes for runtimeCustomizerClassName."""
