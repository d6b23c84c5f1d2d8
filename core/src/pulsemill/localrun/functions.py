"""What a local run of a function runs. Pure."""

from collections.abc import Mapping
from typing import Any

from pulsemill.admin.components import Code
from pulsemill.functions.conversion import function_details
from pulsemill.functions.inference import infer_missing_arguments
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.reading import read_object
from pulsemill.functions.validation import validate_function
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


def local_function(config: Mapping[str, Any], _: Code) -> FunctionDetails:
    """The details of a function as a worker would store them; raises InvalidFunctionConfigError."""
    given = read_object(FunctionConfig, config, "functionConfig")
    complete = infer_missing_arguments(given, forward_source_message_property=True)
    validate_function(complete)
    return function_details(complete)
