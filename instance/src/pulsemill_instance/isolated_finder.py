"""Finding and loading the modules of one package below a synthetic parent (see `isolated_imports`)."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from types import CodeType, ModuleType
from typing import Any


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


class IsolatedFinder(MetaPathFinder):
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
