"""Plugins: which are installed, and which the configuration selects.

The only place that turns a string of the configuration into a class.
"""

from pulsemill.plugins.kinds import (
    FUNCTION_AUTH_PROVIDER,
    KINDS,
    MANIFEST_CUSTOMIZER,
    RUNTIME_FACTORY,
    SECRETS_CONFIGURATOR,
    PluginKind,
)
from pulsemill.plugins.registry import LoadedPlugin, PluginRegistry
from pulsemill.plugins.selection import SelectedPlugins, Selection, select

__all__ = [
    "FUNCTION_AUTH_PROVIDER",
    "KINDS",
    "MANIFEST_CUSTOMIZER",
    "RUNTIME_FACTORY",
    "SECRETS_CONFIGURATOR",
    "LoadedPlugin",
    "PluginKind",
    "PluginRegistry",
    "SelectedPlugins",
    "Selection",
    "select",
]
