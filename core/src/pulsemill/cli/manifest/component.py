"""From a configuration file to the metadata that a worker would store, without a worker. Blocks: it reads packages."""

from pathlib import Path
from typing import Any

import attrs

from pulsemill.admin.components import Code
from pulsemill.cli.components.config_file import load_config_file
from pulsemill.cli.components.definition import BUILTIN, find_code
from pulsemill.cli.components.names import DEFAULT_NAMESPACE, DEFAULT_TENANT, ComponentArgumentError
from pulsemill.cli.functions.kind import FUNCTION as FUNCTIONS
from pulsemill.cli.sinks.kind import SINK as SINKS
from pulsemill.cli.sources.kind import SOURCE as SOURCES
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.functions.enums import Runtime
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.reading import read_object
from pulsemill.packages.builtins import BuiltinArchives, Builtins
from pulsemill.rest.kinds import FUNCTION, SINK, SOURCE, CodeFiles, Kind
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, PackageLocationMetaData


@attrs.frozen
class Described:
    """A component as its file describes it, and a reference to its code: a path, a URL or `builtin://<name>`."""

    kind: Kind
    config: Any
    code: str
    transform: str = ""


def described_function(path: Path) -> Described:
    """A file with a FunctionConfig, with the defaults of `functions create`."""
    definition = FUNCTIONS.define_new(load_config_file(FUNCTIONS, path), {})
    config = read_object(FunctionConfig, definition.config, str(path))
    return Described(FUNCTION, config, config.jar or config.py or config.go or "")


def described_source(path: Path) -> Described:
    """A file with a SourceConfig."""
    config: SourceConfig = read_object(SourceConfig, _named(load_config_file(SOURCES, path)), str(path))
    return Described(SOURCE, config, _needed(config.archive, path))


def described_sink(path: Path) -> Described:
    """A file with a SinkConfig."""
    config: SinkConfig = read_object(SinkConfig, _named(load_config_file(SINKS, path)), str(path))
    return Described(SINK, config, _needed(config.archive, path), config.transform_function or "")


def metadata_of(described: Described, worker: WorkerConfig) -> FunctionMetaData:
    """What a worker of that configuration would store; raises what it would refuse."""
    builtins = Builtins.from_config(worker)
    own = builtins.functions if described.kind.is_function else builtins.connectors
    code, location = _code(described.code, own)
    transform, transform_location = _code(described.transform, builtins.functions)
    config = described.kind.with_defaults(described.config, worker)
    if code is None and (not described.kind.is_function or config.runtime is Runtime.JAVA):
        raise ComponentArgumentError(
            f"{described.code} is not read here, but classes and types are read from Java packages: give a local file"
        )
    details = described.kind.details(config, CodeFiles(code, transform), FunctionDetails())
    return FunctionMetaData(
        functionDetails=details, packageLocation=location, transformFunctionPackageLocation=transform_location
    )


def _code(reference: str, builtins: BuiltinArchives) -> tuple[Path | None, PackageLocationMetaData]:
    """The file if it is here, and what would be stored of it."""
    if reference.startswith(BUILTIN):
        builtin = builtins.find(reference)
        if builtin is None:
            raise ComponentArgumentError(f"{reference} is not among the NAR files in {builtins.directory}")
        return builtin.file, PackageLocationMetaData(packagePath=reference)
    code = find_code(reference, f"there is no file {reference}") if reference else Code()
    if code.path is None:
        return None, PackageLocationMetaData(packagePath=code.url or "")
    return code.path, PackageLocationMetaData(packagePath=str(code.path), originalFileName=code.path.name)


def _named(config: dict[str, Any]) -> dict[str, Any]:
    return {"tenant": DEFAULT_TENANT, "namespace": DEFAULT_NAMESPACE} | config


def _needed(archive: str | None, path: Path) -> str:
    if not archive:
        raise ComponentArgumentError(f"{path} names no archive")
    return archive
