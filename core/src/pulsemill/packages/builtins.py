"""Built-in connectors and functions: NAR files in folders that the operator fills.

Upstream: org.apache.pulsar.functions.worker.ConnectorsManager and FunctionsManager. Nothing of an archive is loaded.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PackageError
from pulsemill.functions.conversion import BUILTIN
from pulsemill.java.archive import open_archive
from pulsemill.java.service import SERVICE_FILE, ServiceDefinition, read_service

log = logging.getLogger(__name__)


@attrs.frozen
class Builtin:
    """A built-in archive and its description."""

    name: str
    file: Path
    definition: ServiceDefinition


class BuiltinArchives:
    """The archives in one folder by name, as of the last `load`. Used by one thread at a time.

    `lack` says what a description lacks to be of use, nothing if it is.
    """

    def __init__(self, directory: Path, lack: Callable[[ServiceDefinition], str | None] = lambda _: None) -> None:
        self.directory = directory
        self._lack = lack
        self._by_name: dict[str, Builtin] = {}

    def load(self) -> None:
        """Read the folder anew; archives without a usable description are logged and left out. Blocks."""
        files = sorted(self.directory.glob("*.nar")) if self.directory.is_dir() else []
        found = [builtin for file in files if (builtin := _read(file, self._lack))]
        self._by_name = {builtin.name: builtin for builtin in found}

    def find(self, reference: str) -> Builtin | None:
        """The archive that `builtin://<name>` names, None when there is none."""
        return self._by_name.get(reference.removeprefix(BUILTIN))

    def all(self) -> Sequence[Builtin]:
        """All archives by name."""
        return [self._by_name[name] for name in sorted(self._by_name)]


@attrs.frozen
class Builtins:
    """The built-in connectors (sources and sinks) and functions of a worker."""

    connectors: BuiltinArchives
    functions: BuiltinArchives

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "Builtins":
        """Those in connectorsDirectory and functionsDirectory, read at once."""
        archives = cls(
            BuiltinArchives(Path(config.connectors_directory).resolve()),
            BuiltinArchives(Path(config.functions_directory).resolve(), _lack_of_function),
        )
        archives.load()
        return archives

    def load(self) -> None:
        """Read both folders anew. Blocks."""
        self.connectors.load()
        self.functions.load()


def _lack_of_function(definition: ServiceDefinition) -> str | None:
    return None if definition.function_class else "functionClass"


def _read(file: Path, lack: Callable[[ServiceDefinition], str | None]) -> Builtin | None:
    try:
        with open_archive(file) as archive:
            definition = read_service(archive)
    except PackageError as error:
        log.warning("The built-in archive %s is left out: %s", file, error)
        return None
    lacking = "name" if definition is None or not definition.name else lack(definition)
    if definition is None or not definition.name or lacking:
        log.warning("The built-in archive %s is left out: it has no %s in a %s", file, lacking, SERVICE_FILE)
        return None
    return Builtin(definition.name, file, definition)
