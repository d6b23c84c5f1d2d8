"""Plugins made up for tests: modules that were never in a file."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from pulsemill.hookspecs import hookimpl
from pulsemill.plugins import PluginRegistry
from pulsemill.plugins.discovery import PluginSource

Plug = Callable[..., PluginSource]


def module(name: str, **functions: Any) -> ModuleType:
    """A module with functions; those are hook implementations unless their name ends with an underscore."""
    made = ModuleType(name)
    for function_name, function in functions.items():
        function.__name__ = function_name.rstrip("_")
        function.__module__ = name
        setattr(made, function.__name__, function if function_name.endswith("_") else hookimpl(function))
    return made


@pytest.fixture
def plug() -> Plug:
    """A plugin of a distribution, from hook implementations or from what importing it does."""

    def make(distribution: str, load: Callable[[], Any] | None = None, **functions: Any) -> PluginSource:
        name = distribution.replace("-", "_")
        return PluginSource(distribution, "1.2", "main", name, load or (lambda: module(name, **functions)))

    return make


@pytest.fixture
def installed() -> PluginRegistry:
    """The registry of the environment that the tests run in."""
    return PluginRegistry.installed()
