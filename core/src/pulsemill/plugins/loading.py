"""Imports a plugin and asks its hooks, judging every step so that the plugin's author is told what to repair."""

import inspect
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, Final

import attrs
import pluggy

from pulsemill import hookspecs
from pulsemill.plugin import Plugin
from pulsemill.plugins.discovery import PluginSource
from pulsemill.plugins.errors import PluginImportError, UnknownHookError, WrongKindError
from pulsemill.plugins.kinds import KINDS, PluginKind

PROJECT: Final = "pulsemill"
_HOOKS: Final = tuple(kind.hook for kind in KINDS)


@attrs.frozen
class RegisteredClass:
    """A class that a plugin's hook returned."""

    source: PluginSource
    kind: PluginKind[Any]
    cls: type[Plugin]


def load(source: PluginSource) -> tuple[RegisteredClass, ...]:
    """The classes of a plugin. A PluginError says what is wrong with the plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    module = _imported(source)
    _check_hooks(module, source)
    try:
        manager.register(module, name=source.distribution)
    except pluggy.PluginValidationError as error:
        raise UnknownHookError(f"plugin {source}: {' '.join(str(error).split())}") from error
    return tuple(entry for kind in KINDS for entry in _classes(manager, kind, source))


def _imported(source: PluginSource) -> Any:
    try:
        return source.load()
    except (Exception, SystemExit) as error:  # whatever someone else's module raises, it is that plugin's failure
        raise PluginImportError(
            f"plugin {source}: its module {source.module} cannot be imported: {type(error).__name__}: {error}; "
            "repair or uninstall it"
        ) from error


def _check_hooks(plugin: Any, source: PluginSource) -> None:
    for name, function in inspect.getmembers(plugin, inspect.isroutine):
        marked = hasattr(function, f"{PROJECT}_impl")
        if marked and name not in _HOOKS:
            raise UnknownHookError(
                f"plugin {source}: function {name} in {source.module} implements no hook; "
                f"the hooks are {', '.join(_HOOKS)}"
            )
        if name in _HOOKS and not marked and _defined_in(plugin, function):
            raise UnknownHookError(
                f"plugin {source}: function {name} in {source.module} lacks the @hookimpl decorator "
                "(from pulsemill.hookspecs import hookimpl)"
            )


def _defined_in(plugin: Any, function: Any) -> bool:
    return not isinstance(plugin, ModuleType) or getattr(function, "__module__", None) == plugin.__name__


def _classes(manager: pluggy.PluginManager, kind: PluginKind[Any], source: PluginSource) -> Iterator[RegisteredClass]:
    try:
        results = getattr(manager.hook, kind.hook)()
    except (Exception, SystemExit) as error:  # as above
        raise PluginImportError(f"plugin {source}: {kind.hook}() raised {type(error).__name__}: {error}") from error
    for result in results:
        if isinstance(result, (str, type)) or not isinstance(result, Iterable):
            raise WrongKindError(f"plugin {source}: {kind.hook}() returned {result!r}; expected a list of classes")
        for cls in result:
            yield RegisteredClass(source, kind, _with_names(check_class(cls, kind, f"plugin {source}"), source))


def check_class(cls: Any, kind: PluginKind[Any], owner: str) -> type[Plugin]:
    """The class, if it is one of the kind that can be used; `owner` begins the error."""
    if not isinstance(cls, type):
        raise WrongKindError(f"{owner}: expected a class for {kind.hook}, got {cls!r}, which is no class")
    if not issubclass(cls, kind.base):
        raise WrongKindError(f"{owner}: {cls.__qualname__} is no {kind}; derive it from {_path(kind.base)}")
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        raise WrongKindError(f"{owner}: {cls.__qualname__} lacks {', '.join(missing)}, which {kind} demands")
    checked: type[Plugin] = cls
    if not attrs.has(checked.config_class):
        raise WrongKindError(
            f"{owner}: {cls.__qualname__}.config_class is {checked.config_class!r}; expected an attrs class"
        )
    return checked


def _with_names(cls: type[Plugin], source: PluginSource) -> type[Plugin]:
    names: Any = cls.names  # a third party's, of any type
    if isinstance(names, str) or not names or not all(isinstance(name, str) and name for name in names):
        raise WrongKindError(
            f"plugin {source}: {cls.__qualname__}.names is {names!r}; expected the strings that select it, "
            'such as ("my-runtime",)'
        )
    return cls


def _path(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
