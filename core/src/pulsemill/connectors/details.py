"""From a source's or sink's configuration and packages to details that the cluster may store."""

from contextlib import ExitStack
from pathlib import Path

from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.connectors.read_back import stored_sink, stored_source
from pulsemill.connectors.sink_conversion import sink_details
from pulsemill.connectors.sink_validation import validate_sink
from pulsemill.connectors.source_conversion import source_details
from pulsemill.connectors.source_validation import validate_source
from pulsemill.java.archive import JavaArchive, open_archive
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


def checked_source(config: SourceConfig, code: Path | None, stored: FunctionDetails) -> FunctionDetails:
    """The details of a valid source; without its package, what was read from it before. Blocks: it reads files."""
    with ExitStack() as stack:
        inspected = validate_source(config, _opened(code, stack))
    return source_details(config, inspected or stored_source(stored))


def checked_sink(
    config: SinkConfig, code: Path | None, transform: Path | None, stored: FunctionDetails
) -> FunctionDetails:
    """The details of a valid sink; without its packages, what was read from them before. Blocks: it reads files."""
    with ExitStack() as stack:
        inspected = validate_sink(config, _opened(code, stack), _opened(transform, stack))
    return sink_details(config, inspected or stored_sink(stored))


def _opened(file: Path | None, stack: ExitStack) -> JavaArchive | None:
    return stack.enter_context(open_archive(file)) if file else None
