"""Modules that libraries import for features that few functions use: loaded for who looks into them.

Pulsar's client takes fastavro; grpc its asyncio half and all of asyncio, which takes OpenSSL, as http.client does: 7
MiB and 30 ms in every instance. While `deferring()` lasts, an import of them gives a stand-in, which takes what it is
asked for from the real module. Afterwards nobody gets stand-ins any more: user code must not run before. Only for a
process of our own: programs that host us import as they like.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

DEFERRED = frozenset({"asyncio", "fastavro", "grpc.aio", "ssl"})


@contextmanager
def deferring(names: Collection[str] = DEFERRED) -> Iterator[None]:
    """Put off what is imported meanwhile; a module that is there already stays."""
    finder = _StandInFinder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in names:
            _withdraw(name)


class _StandIn(ModuleType):
    """Asks the real module for all that it has not itself. It may be asked from any thread."""

    def __getattr__(self, name: str) -> Any:
        _withdraw(self.__name__)
        return getattr(importlib.import_module(self.__name__), name)


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in once for each name whose module is installed."""

    def __init__(self, names: Collection[str]) -> None:
        self._left = set(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        if fullname not in self._left or importlib.machinery.PathFinder.find_spec(fullname, path) is None:
            return None
        self._left.remove(fullname)
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """See importlib.abc.Loader: an ordinary module, until the import machinery has looked it over."""

    def exec_module(self, module: ModuleType) -> None:
        """See importlib.abc.Loader."""
        module.__class__ = _StandIn


def _withdraw(name: str) -> None:
    """Have the next import get the real module."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
