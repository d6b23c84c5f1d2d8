"""From a function's configuration and package to details that the cluster may store."""

from pathlib import Path

from pulsemill.functions.conversion import function_details
from pulsemill.functions.enums import Runtime
from pulsemill.functions.java_functions import with_class_name, with_java_types
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.validation import validate_function
from pulsemill.java.archive import open_archive
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


def checked_function(config: FunctionConfig, code: Path | None) -> FunctionDetails:
    """The details of a valid function. Only Java packages are looked into. Blocks: it reads files."""
    if config.runtime is not Runtime.JAVA or code is None:
        validate_function(config)
        return function_details(config)
    with open_archive(code) as archive:
        named = with_class_name(config, archive)
        validate_function(named)
        return function_details(with_java_types(named, archive))
