"""What differs between functions, sources and sinks; the routes treat all three alike beyond that."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.connectors.details import checked_sink, checked_source
from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.connectors.read_back import read_sink_back, read_source_back
from pulsemill.connectors.unused import unused_sink_fields, unused_source_fields
from pulsemill.connectors.update import kept_sink_fields, merge_sink_update, merge_source_update
from pulsemill.functions.details import checked_function
from pulsemill.functions.enums import Runtime
from pulsemill.functions.inference import infer_missing_arguments
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.read_back import read_back, stored_config
from pulsemill.functions.reading import read_config
from pulsemill.functions.unused import unused_fields
from pulsemill.functions.update import kept_fields, merge_update
from pulsemill.rest.form import Form
from pulsemill.rest.status_counters import FUNCTION_COUNTERS, SINK_COUNTERS, SOURCE_COUNTERS, StatusCounters
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

ComponentType = FunctionDetails.ComponentType


@attrs.frozen
class CodeFiles:
    """The packages behind a request as local files: the component's code, and a sink's transform function's."""

    code: Path | None = None
    transform: Path | None = None


@attrs.frozen
class Kind:
    """A kind of component, with the functions over its model class.

    `read` gives the configuration in a form, None without; `reference` is the attribute that may name built-in code;
    `details` blocks and gets the stored details (empty at registration) for what cannot be read from packages.
    """

    name: str
    read: Callable[[Form], Any]
    paths: tuple[str, ...]
    types: tuple[ComponentType, ...]
    reference: str
    counters: StatusCounters
    unused: Callable[[Any], dict[str, str]]
    with_defaults: Callable[[Any, WorkerConfig], Any]
    details: Callable[[Any, CodeFiles, FunctionDetails], FunctionDetails]
    shown: Callable[[FunctionDetails], Any]
    stored: Callable[[FunctionDetails], Any]
    merge: Callable[[Any, Any], Any]
    kept: Callable[[Any, Any], list[str]]

    @property
    def is_function(self) -> bool:
        """Whether the kind's code may be in other languages than Java, and built-in functions are its own."""
        return self.reference == "jar"

    def has(self, metadata: FunctionMetaData) -> bool:
        """Whether a component is of this kind."""
        return metadata.functionDetails.componentType in self.types

    def missing_package(self, config: Any) -> str:
        """What is said of a registration without code."""
        capital = self.is_function and config.runtime is not Runtime.JAVA
        return f"{self.name} {'Package' if capital else 'package'} is not provided"


def _read_config(model: type[Any], part: str, form: Form) -> Any:
    text = form.json(part)
    return None if text is None else read_config(model, text, part)


def _function_defaults(config: FunctionConfig, worker: WorkerConfig) -> FunctionConfig:
    return infer_missing_arguments(config, forward_source_message_property=worker.forward_source_message_property)


def _connector_defaults(config: Any, _: WorkerConfig) -> Any:
    return config if config.parallelism is not None else attrs.evolve(config, parallelism=1)


FUNCTION = Kind(
    name="Function",
    read=partial(_read_config, FunctionConfig, "functionConfig"),
    paths=("functions",),
    types=(ComponentType.FUNCTION, ComponentType.UNKNOWN),
    reference="jar",
    counters=FUNCTION_COUNTERS,
    unused=unused_fields,
    with_defaults=_function_defaults,
    details=lambda config, files, _: checked_function(config, files.code),
    shown=read_back,
    stored=stored_config,
    merge=merge_update,
    kept=kept_fields,
)
SOURCE = Kind(
    name="Source",
    read=partial(_read_config, SourceConfig, "sourceConfig"),
    paths=("source", "sources"),
    types=(ComponentType.SOURCE,),
    reference="archive",
    counters=SOURCE_COUNTERS,
    unused=unused_source_fields,
    with_defaults=_connector_defaults,
    details=lambda config, files, stored: checked_source(config, files.code, stored),
    shown=read_source_back,
    stored=read_source_back,
    merge=merge_source_update,
    kept=lambda _stored, _update: [],
)
SINK = Kind(
    name="Sink",
    read=partial(_read_config, SinkConfig, "sinkConfig"),
    paths=("sink", "sinks"),
    types=(ComponentType.SINK,),
    reference="archive",
    counters=SINK_COUNTERS,
    unused=unused_sink_fields,
    with_defaults=_connector_defaults,
    details=lambda config, files, stored: checked_sink(config, files.code, files.transform, stored),
    shown=read_sink_back,
    stored=read_sink_back,
    merge=merge_sink_update,
    kept=kept_sink_fields,
)
KINDS = (FUNCTION, SOURCE, SINK)


def kind_of(metadata: FunctionMetaData) -> Kind:
    """The kind of a stored component."""
    return next((kind for kind in KINDS if kind.has(metadata)), FUNCTION)


def component_name(metadata: FunctionMetaData) -> str:
    """What errors call a component, `Sink name`."""
    return f"{kind_of(metadata).name} {metadata.functionDetails.name}"
