"""What holds for every plugin class, whatever its hook."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from pulsemill.config.structuring import structure
from pulsemill.config.unknown import unknown_keys
from pulsemill.plugin import Plugin
from pulsemill.plugins.discovery import PluginSource
from pulsemill.plugins.kinds import PluginKind
from pulsemill.plugins.loading import check_class
from pulsemill.plugins.registry import PluginRegistry


class PluginContract:
    """The part that all suites share. `plugin_class` and `configuration` are the implementation's to set."""

    kind: ClassVar[PluginKind[Any]]
    plugin_class: ClassVar[type[Plugin]]
    configuration: ClassVar[Mapping[str, Any]] = {}

    @pytest.fixture
    def plugin_config(self) -> Any:
        """The plugin's own configuration, made from `configuration` as a worker makes it."""
        return structure(self.configuration, self.plugin_class.config_class)

    def test_its_class_is_of_the_hooks_kind(self) -> None:
        """It derives from the hook's base class, implements all of it and has an attrs class for its configuration."""
        assert check_class(self.plugin_class, self.kind, "the tested class") is self.plugin_class

    def test_each_of_its_names_selects_it(self) -> None:
        """A registry that knows only this class finds it by every name."""
        registry = PluginRegistry([PluginSource("tested", "0", "main", "tested", lambda: _plugin(self))])
        assert self.plugin_class.names
        for name in self.plugin_class.names:
            assert registry.resolve(self.kind, name) is self.plugin_class

    def test_its_import_path_selects_it(self) -> None:
        """It is found without any registration."""
        path = f"{self.plugin_class.__module__}:{self.plugin_class.__qualname__}"
        assert PluginRegistry([]).resolve(self.kind, path) is self.plugin_class

    def test_it_knows_every_key_of_its_configuration(self) -> None:
        """A key that nothing reads would have no effect."""
        assert list(unknown_keys(self.configuration, self.plugin_class.config_class)) == []


def _plugin(contract: PluginContract) -> Any:
    from pulsemill.hookspecs import hookimpl  # noqa: PLC0415

    class Registering:
        pass

    setattr(Registering, contract.kind.hook, staticmethod(hookimpl(lambda: [contract.plugin_class])))
    return Registering
