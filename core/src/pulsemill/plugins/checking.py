"""What is wrong with the plugins that a configuration selects."""

from collections.abc import Iterator

from pulsemill.config.derived import runtime_configs_key
from pulsemill.config.findings import Finding, Severity
from pulsemill.config.loader import LoadedConfig
from pulsemill.errors import PluginError
from pulsemill.plugins.kinds import MANIFEST_CUSTOMIZER, RUNTIME_FACTORY, SECRETS_CONFIGURATOR
from pulsemill.plugins.registry import PluginRegistry
from pulsemill.plugins.selection import PluginConfigurationError, SelectedPlugins


def plugin_findings(registry: PluginRegistry, loaded: LoadedConfig) -> Iterator[Finding]:
    """Resolve and configure each selected plugin, without making any object; nothing for a broken configuration."""
    if loaded.config is None:
        return
    plugins = SelectedPlugins(registry, loaded.config, loaded.origins)
    runtime_key = runtime_configs_key(loaded.config)
    selections = {
        SECRETS_CONFIGURATOR.name_key: plugins.secrets_configurator,
        MANIFEST_CUSTOMIZER.name_key: plugins.manifest_customizer,
        RUNTIME_FACTORY.name_key if runtime_key == RUNTIME_FACTORY.config_key else runtime_key: plugins.runtime_factory,
    }
    for key, select in selections.items():
        try:
            selection = select()
        except PluginConfigurationError as error:
            yield from error.findings
        except PluginError as error:
            yield loaded.origins.finding(Severity.ERROR, key, str(error).removeprefix(f"{key}: "))
        else:
            yield from selection.findings if selection else ()
