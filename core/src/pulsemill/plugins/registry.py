"""Resolves the strings of the configuration to classes. Nothing else does.

A plugin is imported only when its classes may be meant: one of ours only for the names that it is known to own, anybody
else's for every name, because only it can tell which names it has. An import path imports nothing but its module.
"""

import importlib
import logging
from collections.abc import Iterable, Iterator
from typing import Any, cast

import attrs

from pulsemill.config.unknown import hint
from pulsemill.errors import PluginError
from pulsemill.plugin import Plugin
from pulsemill.plugins.discovery import PluginSource, installed_sources
from pulsemill.plugins.errors import (
    AmbiguousPluginError,
    PluginImportError,
    PluginNotInstalledError,
    UnknownPluginError,
    WrongKindError,
)
from pulsemill.plugins.kinds import P, PluginKind
from pulsemill.plugins.known import OWN_NAMES, owner_of
from pulsemill.plugins.loading import RegisteredClass, check_class, load

log = logging.getLogger(__name__)


@attrs.frozen
class LoadedPlugin:
    """A plugin that was imported: its classes, or why it has none."""

    source: PluginSource
    classes: tuple[RegisteredClass, ...] = ()
    error: PluginError | None = None


class PluginRegistry:
    """The installed plugins. Each is imported at most once, and one that fails fails alone."""

    def __init__(self, sources: Iterable[PluginSource]) -> None:
        self._sources = tuple(sources)
        self._loaded: dict[PluginSource, LoadedPlugin] = {}

    @classmethod
    def installed(cls) -> "PluginRegistry":
        """The plugins of this environment's distributions."""
        return cls(installed_sources())

    def resolve(self, kind: PluginKind[P], name: str) -> type[P]:
        """The class that a name or an import path `package.module:Class` selects; PluginError says why none."""
        cls = self._by_import_path(kind, name) if ":" in name else self._by_name(kind, name)
        return cast("type[P]", cls)

    def all(self) -> tuple[LoadedPlugin, ...]:
        """Every installed plugin, imported."""
        return tuple(self._load(source) for source in self._sources)

    def _by_name(self, kind: PluginKind[Any], name: str) -> type[Plugin]:
        loaded = [self._load(source) for source in self._sources if _may_own(source, name)]
        owners = [each for plugin in loaded for each in plugin.classes if each.kind is kind and name in each.cls.names]
        if len({each.cls for each in owners}) > 1:
            raise AmbiguousPluginError(
                f"{kind.name_key}: {name} is a name of {_listed(owners)}; uninstall one of them or write an import path"
            )
        broken = [plugin.error for plugin in loaded if plugin.error]
        if owners:
            for error in broken:
                log.warning("a plugin is not used: %s", error)
            return owners[0].cls
        raise self._not_found(kind, name, broken)

    def _not_found(self, kind: PluginKind[Any], name: str, broken: list[PluginError]) -> PluginError:
        owner = owner_of(name)
        installed = any(source.distribution == owner for source in self._sources)
        if owner and installed and broken:
            return broken[0]
        if owner and not installed:
            return PluginNotInstalledError(
                f"{kind.name_key}: {name} needs the distribution {owner}, which is not installed: pip install {owner}"
            )
        for other in self._classes():
            if name in other.cls.names:
                return WrongKindError(
                    f"{kind.name_key}: {name} selects a {other.kind} ({other.source}); expected a {kind}"
                )
        names = [name for each in self._classes() if each.kind is kind for name in each.cls.names]
        known = f"known are {', '.join(names)}" if names else f"no installed plugin has a {kind}"
        failed = "".join(f"; not used: {error}" for error in broken)
        return UnknownPluginError(
            f"{kind.name_key}: no plugin has the name {name}{hint(name, names)}; {known}; "
            f"a class that no plugin registers is written package.module:Class{failed}"
        )

    def _classes(self) -> Iterator[RegisteredClass]:
        return (each for plugin in self.all() for each in plugin.classes)

    def _by_import_path(self, kind: PluginKind[Any], path: str) -> type[Plugin]:
        module_name, _, attribute = path.partition(":")
        found: Any = _module(kind, path, module_name)
        for part in attribute.split("."):
            if not hasattr(found, part):
                raise PluginImportError(
                    f"{kind.name_key}: {path}: {module_name} has no {attribute}{_offer(found, kind)}"
                )
            found = getattr(found, part)
        return check_class(found, kind, f"{kind.name_key}: {path}")

    def _load(self, source: PluginSource) -> LoadedPlugin:
        if source not in self._loaded:
            try:
                self._loaded[source] = LoadedPlugin(source, load(source))
            except PluginError as error:
                self._loaded[source] = LoadedPlugin(source, error=error)
        return self._loaded[source]


def _may_own(source: PluginSource, name: str) -> bool:
    return source.distribution not in OWN_NAMES or name in OWN_NAMES[source.distribution]


def _listed(owners: Iterable[RegisteredClass]) -> str:
    return " and of ".join(f"{each.cls.__module__}:{each.cls.__qualname__} ({each.source})" for each in owners)


def _offer(module: Any, kind: PluginKind[Any]) -> str:
    names = [each.__name__ for each in vars(module).values() if isinstance(each, type) and issubclass(each, kind.base)]
    return f"; it has {', '.join(names)}" if names else ""


def _module(kind: PluginKind[Any], path: str, name: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        reason = f"module {name} cannot be imported: {type(error).__name__}: {error}"
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            reason = f"there is no module {error.name}; install its distribution into the worker's environment"
        raise PluginImportError(f"{kind.name_key}: {path}: {reason}") from error
