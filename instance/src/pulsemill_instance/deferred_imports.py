"""Modules that libraries import for features that few functions use: loaded when somebody first looks into them.

Pulsar's client takes fastavro, and grpc its asyncio half with all of asyncio: 3.5 MiB and 20 ms in every instance. The
loader is Python's own `importlib.util.LazyLoader`; an import of such a module succeeds as before, and so does `from
module import name`, which loads it at once. Only for a process of our own: programs that host us import as they like.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

DEFERRED = frozenset({"fastavro", "grpc.aio"})


class DeferringFinder(importlib.abc.MetaPathFinder):
    """Finds modules as Python does, but has the loading of some put off."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        if fullname not in self._names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


def defer_imports() -> None:
    """Put off what is imported from now on, for the rest of the process's life."""
    sys.meta_path.insert(0, DeferringFinder(DEFERRED))
