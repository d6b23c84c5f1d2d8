"""How a function's modules are found: by the interpreter's own path, in a process of their own."""

import importlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType


class ModuleImporter(ABC):
    """Imports modules from the folders of one package, in front of everything else that can be imported."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    @abstractmethod
    def import_module(self, name: str) -> ModuleType:
        """Import an absolute name as the package's own modules would; ImportError and whatever the module raises."""

    def plain_name(self, name: str) -> str:
        """The name by which the package's own modules know a module."""
        return name

    @abstractmethod
    def close(self) -> None:
        """Take the folders off the path, and with them what only this importer knows. Idempotent."""


class PathImporter(ModuleImporter):
    """Puts the folders first on `sys.path`: for a process that runs one function."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(folders)
        self._entries = [str(folder) for folder in self.folders]
        sys.path[:0] = self._entries

    def import_module(self, name: str) -> ModuleType:
        """As `importlib.import_module`."""
        return importlib.import_module(name)

    def close(self) -> None:
        """Take the folders off `sys.path`; the modules stay until the process ends."""
        for entry in self._entries:
            sys.path.remove(entry)
        self._entries = []
