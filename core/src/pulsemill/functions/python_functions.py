"""What Python functions may ask for: more than upstream lets them, where Pulsemill's own instance runs them."""

from pulsemill.errors import AdmissionError
from pulsemill.functions.checks import refuse_if
from pulsemill.functions.enums import ProcessingGuarantees
from pulsemill.functions.model import FunctionConfig, WindowConfig
from pulsemill.functions.windows import WINDOW_CONFIG_KEY
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails


def validate_python(config: FunctionConfig) -> None:
    """Raise InvalidFunctionConfigError for what no instance in Python could do. Defaults must have been filled in."""
    if config.processing_guarantees is ProcessingGuarantees.EFFECTIVELY_ONCE:
        _validate_exactly_once(config)
    if config.window_config is not None:
        _validate_python_windows(config.window_config)


def check_upstream_instance(details: FunctionDetails, where: str) -> None:
    """Raise AdmissionError for a function that upstream's Python instance would run otherwise than it is asked to.

    The texts begin as those of upstream's worker (FunctionConfigUtils.doPythonChecks); `where` tells why that instance
    is taken for upstream's, and what to do.
    """
    if details.runtime != FunctionDetails.PYTHON:
        return
    refused = {
        "Effectively-once processing guarantees not yet supported in Python": details.processingGuarantees
        == EFFECTIVELY_ONCE,
        "There is currently no support windowing in python": WINDOW_CONFIG_KEY in details.userConfig,
        "Message retries not yet supported in python": details.HasField("retryDetails")
        and details.retryDetails.maxMessageRetries >= 0,
    }
    for text, applies in refused.items():
        if applies:
            raise AdmissionError(f"{text}: {where}")


def _validate_exactly_once(config: FunctionConfig) -> None:
    inputs = {
        *(config.inputs or ()),
        *(config.custom_serde_inputs or ()),
        *(config.custom_schema_inputs or ()),
        *(config.input_specs or ()),
    }
    patterns = config.topics_pattern or any(spec.regex_pattern for spec in (config.input_specs or {}).values())
    several = "EFFECTIVELY_ONCE needs exactly one input topic: outputs of several would get one order of numbers"
    refuse_if(patterns or len(inputs) != 1, several)
    refuse_if(not config.output, "EFFECTIVELY_ONCE needs an output topic: without one there is nothing to send once")


def _validate_python_windows(window: WindowConfig) -> None:
    late = window.late_data_topic is not None and window.timestamp_extractor_class_name is None
    refuse_if(late, "Late data topic can be defined only when specifying a timestamp extractor class")
    by_both = window.window_length_count is not None and window.sliding_interval_duration_ms is not None
    refuse_if(by_both, "slidingIntervalDurationMs needs windowLengthDurationMs: windows of a count slide by a count")
