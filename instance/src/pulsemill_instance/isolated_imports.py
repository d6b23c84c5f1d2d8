"""Imports that many functions in one process can make at once, each from its own package.

Python knows one module per name. So each package here gets a synthetic parent, and its module `exclaim` is
`pulsemill_user_<name>.exclaim` in `sys.modules`. Its source need not know: every module of the package runs with
builtins of its own whose `__import__` first looks for the name below the parent. Dataclasses, relative imports, lazy
imports inside functions and `importlib.import_module` work as usual; `pulsar` is always the worker's.

Known limits: a pickled class of the package is named by its synthetic module, so only this instance can load it, and
extension modules cannot be imported twice, so a package that ships them is refused.

Threads: imports may happen in any thread (the interpreter's own import locks apply); the owner calls `close`. What all
threads import by, sys.meta_path and the interpreter's tables, is never iterated or shifted in place.
"""

import builtins
import importlib
import re
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from pulsemill_instance.imports import ModuleImporter
from pulsemill_instance.isolated_finder import IsolatedFinder

PARENT = "pulsemill_user_"
SHARED = frozenset({"pulsar", "_pulsar", *sys.builtin_module_names})
"""Never the package's own: the interpreter's, and the client whose objects functions exchange with the instance."""
_META_PATH = threading.Lock()


class _ImportlibView(ModuleType):
    """What a package's modules get when they import importlib: the same, with a dynamic import that finds them."""

    def __init__(self, importer: "IsolatedImporter") -> None:
        super().__init__("importlib", importlib.__doc__)
        self.import_module = importer.import_dynamically

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib, name)


class IsolatedImporter(ModuleImporter):
    """Keeps the modules of one package apart from all others in the process."""

    def __init__(self, folders: Sequence[Path], name: str) -> None:
        """`name` is for people who read tracebacks and logger names: the function and the instance."""
        super().__init__(folders)
        self._path = [str(folder) for folder in self.folders]
        self._owned: dict[str, bool] = {}
        self.parent = _add_parent(name, self._path)
        module_builtins = {**vars(builtins), "__import__": self._import}
        self._importlib = _ImportlibView(self)
        self._finder = IsolatedFinder(self.parent, module_builtins)
        self._forget_folders()
        with _META_PATH:
            sys.meta_path = [self._finder, *sys.meta_path]

    def import_module(self, name: str) -> ModuleType:
        """Import an absolute name, from the package if it is there."""
        return importlib.import_module(f"{self.parent}.{name}" if self._owns(name) else name)

    def import_dynamically(self, name: str, package: str | None = None) -> ModuleType:
        """`importlib.import_module` for the package's modules."""
        return importlib.import_module(name, package) if name.startswith(".") else self.import_module(name)

    def plain_name(self, name: str) -> str:
        """The name without the synthetic parent."""
        return name.removeprefix(f"{self.parent}.")

    def close(self) -> None:
        """Unload the package's modules; nothing but the function's own objects keeps them in memory then."""
        with _META_PATH:
            sys.meta_path = [finder for finder in sys.meta_path if finder is not self._finder]
        for name in list(sys.modules):
            if name == self.parent or name.startswith(f"{self.parent}."):
                sys.modules.pop(name, None)
        self._forget_folders()

    def _owns(self, name: str) -> bool:
        top = name.partition(".")[0]
        if top not in self._owned:  # user code may import on every message
            self._owned[top] = top not in SHARED and PathFinder.find_spec(top, self._path) is not None
        return self._owned[top]

    def _import(
        self,
        name: str,
        module_globals: Mapping[str, object] | None = None,
        module_locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """The package's `__import__`: binds `a` for `import a.b`, and `a.b` for `from a.b import c`."""
        if level or not self._owns(name):
            module = builtins.__import__(name, module_globals, module_locals, fromlist or (), level)
            return self._importlib if module is importlib else module
        qualified = f"{self.parent}.{name}"
        if fromlist:
            return builtins.__import__(qualified, None, None, fromlist)
        importlib.import_module(qualified)
        return sys.modules[f"{self.parent}.{name.partition('.')[0]}"]

    def _forget_folders(self) -> None:
        """Drop what the interpreter cached about the folders, for an earlier package may have lain there."""
        for entry in list(sys.path_importer_cache):
            if entry.startswith(tuple(self._path)):
                sys.path_importer_cache.pop(entry, None)


def _add_parent(name: str, path: list[str]) -> str:
    """Register an empty package under a name that no other importer has; its name."""
    wanted = PARENT + re.sub(r"\W", "_", name)
    number = 0
    while True:
        number += 1
        parent = wanted if number == 1 else f"{wanted}_{number}"
        module = ModuleType(parent, f"The modules of {name}.")
        module.__path__ = path
        if sys.modules.setdefault(parent, module) is module:
            return parent
