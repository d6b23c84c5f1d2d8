"""What a local run of a source or a sink runs. Blocks: it reads the archive, without loading classes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulsemill.admin.components import Code
from pulsemill.connectors.details import checked_sink, checked_source
from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.errors import PulsemillError
from pulsemill.functions.reading import read_object
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


def local_source(config: Mapping[str, Any], code: Code) -> FunctionDetails:
    """The details of a source as a worker would store them; raises InvalidFunctionConfigError or PackageError."""
    given = read_object(SourceConfig, {"parallelism": 1, **config}, "sourceConfig")
    return checked_source(given, _archive(code, "source"), FunctionDetails())


def local_sink(config: Mapping[str, Any], code: Code) -> FunctionDetails:
    """The details of a sink as a worker would store them; raises InvalidFunctionConfigError or PackageError."""
    given = read_object(SinkConfig, {"parallelism": 1, **config}, "sinkConfig")
    if given.transform_function:
        raise PulsemillError("localrun of a sink with a transform function is not supported: create it on a worker")
    return checked_sink(given, _archive(code, "sink"), None, FunctionDetails())


def _archive(code: Code, name: str) -> Path:
    if code.path is None:
        raise PulsemillError(
            f"localrun needs the {name}'s archive as a local file: built-in ones run on a worker only, "
            "and what a URL names must be downloaded first"
        )
    return code.path
