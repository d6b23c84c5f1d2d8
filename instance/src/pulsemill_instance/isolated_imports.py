"""Imports that many functions in one process can make at once, each from its own package.

Python knows one module per name. So each package here gets a synthetic parent, and its module `exclaim` is
`pulsemill_user_<name>.exclaim` in `sys.modules`. Its source need not know: every module of the package runs with
builtins of its own whose `__import__` first looks for the name below the parent. Dataclasses, relative imports, lazy
imports inside functions and `importlib.import_module` work as usual; `pulsar` is always the worker's.

Known limits: a pickled class of the package is named by its synthetic module, so only this instance can load it, and
extension modules cannot be imported twice, so a package that ships them is refused.

Threads: imports may happen in any thread (the interpreter's own import locks apply); the owner calls `close`.
"""

import builtins
import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from pulsemill_instance.imports import ModuleImporter

PARENT = "pulsemill_user_"
SHARED = frozenset({"pulsar", "_pulsar", *sys.builtin_module_names})
"""Never the package's own: the interpreter's, and the client whose objects functions exchange with the instance."""


class _IsolatedLoader(SourceFileLoader):
    """Runs a module's source with the package's builtins.

    Reads and writes no bytecode: caches tell a file's versions apart by the second only.
    """

    def __init__(self, fullname: str, path: str, module_builtins: Mapping[str, Any]) -> None:
        super().__init__(fullname, path)
        self._builtins = module_builtins

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = self._builtins
        super().exec_module(module)


class _HostLoader(Loader):
    """Gives a module of the process under a second name: the rest of a namespace package that a package adds to."""

    def __init__(self, host: ModuleType) -> None:
        self._host = host
        self._spec = host.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._host

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec


class _IsolatedFinder(MetaPathFinder):
    """Finds the modules below one synthetic parent."""

    def __init__(self, parent: str, module_builtins: Mapping[str, Any]) -> None:
        self._prefix = f"{parent}."
        self._builtins = module_builtins

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(self._prefix):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is None:
            return self._host_spec(fullname)
        if isinstance(spec.loader, SourceFileLoader):
            spec.loader = _IsolatedLoader(fullname, spec.loader.path, self._builtins)
        elif spec.has_location:
            raise ImportError(
                f"{spec.origin} is no Python source: functions that share a process cannot ship it; install it beside "
                f"the worker or run the function in a process of its own",
                name=fullname,
            )
        return spec

    def _host_spec(self, fullname: str) -> ModuleSpec | None:
        parent = sys.modules[fullname.rpartition(".")[0]]
        name = fullname.removeprefix(self._prefix)
        if (
            parent.__name__ + "." == self._prefix
            or getattr(parent, "__file__", None) is not None
            or find_spec(name) is None
        ):
            return None
        return ModuleSpec(fullname, _HostLoader(importlib.import_module(name)))


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
        self._finder = _IsolatedFinder(self.parent, module_builtins)
        self._forget_folders()
        sys.meta_path.insert(0, self._finder)

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
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        for name in [name for name in sys.modules if name == self.parent or name.startswith(f"{self.parent}.")]:
            del sys.modules[name]
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
        for entry in [entry for entry in sys.path_importer_cache if entry.startswith(tuple(self._path))]:
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
