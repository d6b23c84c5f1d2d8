"""What can be wrong with a plugin; each message names the distribution and what to do."""

from pulsemill.errors import PluginError


class UnknownPluginError(PluginError):
    """No plugin has the name."""


class PluginNotInstalledError(UnknownPluginError):
    """The name belongs to a distribution that is not installed."""


class AmbiguousPluginError(PluginError):
    """Two plugins have the name."""


class PluginImportError(PluginError):
    """A plugin, or a class given by its import path, cannot be imported."""


class UnknownHookError(PluginError):
    """A plugin implements a hook that does not exist, or not in the form it has."""


class WrongKindError(PluginError):
    """What a hook returned, or an import path led to, is not a class of the kind that is needed."""
