"""The plugins that a worker's configuration selects, each with its own configuration structured.

Upstream makes its objects in this order: secrets configurator, auth provider, customizer, runtime factory.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Generic

import attrs

from pulsemill.config.derived import runtime_configs_key
from pulsemill.config.findings import Finding, Origins, Severity, errors
from pulsemill.config.structuring import StructuringError, structure
from pulsemill.config.unknown import unknown_keys
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError, PluginError, PulsemillError
from pulsemill.plugins.kinds import (
    FUNCTION_AUTH_PROVIDER,
    MANIFEST_CUSTOMIZER,
    RUNTIME_FACTORY,
    SECRETS_CONFIGURATOR,
    P,
    PluginKind,
)
from pulsemill.plugins.registry import PluginRegistry


class PluginConfigurationError(ConfigurationError):
    """A plugin's configuration does not fit; `findings` has every misfit, and what else was noticed."""

    def __init__(self, findings: tuple[Finding, ...], file: str) -> None:
        super().__init__("\n".join(finding.located(file) for finding in errors(findings)))
        self.findings = findings


@attrs.frozen
class Selection(Generic[P]):
    """A class, an object of its `config_class`, and what was noticed about that configuration."""

    plugin: type[P]
    config: Any = attrs.field(repr=False)
    findings: tuple[Finding, ...] = ()

    def create(self, *context: Any) -> P:
        """Make the object; `context` is what its constructor takes after the configuration."""
        constructor: Any = self.plugin
        try:
            made: P = constructor(self.config, *context)
        except PulsemillError:
            raise
        except Exception as error:
            name = f"{self.plugin.__module__}:{self.plugin.__qualname__}"
            raise PluginError(f"{name} cannot be made: {type(error).__name__}: {error}") from error
        return made


@attrs.frozen
class SelectedPlugins:
    """Everything that a worker's configuration selects. Resolves lazily: each call imports what it needs."""

    registry: PluginRegistry
    worker_config: WorkerConfig = attrs.field(repr=False)
    origins: Origins = attrs.field(factory=Origins, repr=False)

    def secrets_configurator(self) -> Selection[Any]:
        """The secrets provider configurator."""
        config = self.worker_config
        name, mapping = config.secrets_provider_configurator_class_name, config.secrets_provider_configurator_config
        return self._select(SECRETS_CONFIGURATOR, name or "default", mapping)

    def function_auth_provider(self) -> Selection[Any] | None:
        """The function auth provider; none without authenticationEnabled."""
        name = self.worker_config.function_auth_provider_class_name
        if not name or not self.worker_config.authentication_enabled:
            return None
        configs = self.worker_config.function_runtime_factory_configs or {}
        return self._select(FUNCTION_AUTH_PROVIDER, name, configs.get("kubernetesFunctionAuthProviderConfig"))

    def manifest_customizer(self) -> Selection[Any] | None:
        """The manifest customizer, if one is configured."""
        name = self.worker_config.runtime_customizer_class_name
        if not name:
            return None
        return self._select(MANIFEST_CUSTOMIZER, name, self.worker_config.runtime_customizer_config)

    def runtime_factory(self) -> Selection[Any]:
        """The runtime factory."""
        config = self.worker_config
        return self._select(
            RUNTIME_FACTORY,
            config.function_runtime_factory_class_name or "process",
            config.function_runtime_factory_configs,
            runtime_configs_key(config),
        )

    def all(self) -> Iterator[Selection[Any]]:
        """All of them, in upstream's order."""
        chosen = (
            self.secrets_configurator(),
            self.function_auth_provider(),
            self.manifest_customizer(),
            self.runtime_factory(),
        )
        return (selection for selection in chosen if selection)

    def _select(
        self, kind: PluginKind[P], name: str, mapping: Mapping[str, Any] | None, path: str = ""
    ) -> Selection[P]:
        return select(self.registry, kind, name, mapping or {}, self.origins, path or kind.config_key)


def select(
    registry: PluginRegistry, kind: PluginKind[P], name: str, mapping: Any, origins: Origins, path: str
) -> Selection[P]:
    """Resolve a name and structure the mapping that stands at `path`. PluginError or ConfigurationError."""
    cls = registry.resolve(kind, name)
    findings = tuple(
        origins.finding(Severity.WARNING, unknown, f"is unknown to {cls.__name__} and has no effect{hint}")
        for unknown, hint in unknown_keys(mapping, cls.config_class, path)
    )
    try:
        return Selection(cls, structure(mapping, cls.config_class), findings)
    except StructuringError as error:
        problems = [(f"{path}.{each.path}" if each.path else path, each.message) for each in error.problems]
        misfits = tuple(origins.finding(Severity.ERROR, *each) for each in problems)
        raise PluginConfigurationError((*findings, *misfits), origins.file) from error
