"""What each language cannot do, and what can be told of a Java function without loading its classes."""

from pulsemill.functions.checks import refuse_if
from pulsemill.functions.enums import ProcessingGuarantees, Runtime
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.python_functions import validate_python
from pulsemill.functions.reading import read_consumer_config

_WINDOW_GUARANTEES = (None, ProcessingGuarantees.ATLEAST_ONCE, ProcessingGuarantees.ATMOST_ONCE)
_AUTO_ACK = (
    "When Guarantees == ATMOST_ONCE, autoAck must be equal to true. This is a contradictory configuration, "
    "autoAck will be removed later. Please refer to PIP: https://github.com/apache/pulsar/issues/15560"
)


def validate_language(config: FunctionConfig) -> None:
    """The checks that follow the common ones, for the function's language."""
    match config.runtime:
        case Runtime.JAVA:
            _validate_java(config)
        case Runtime.PYTHON:
            validate_python(config)
        case Runtime.GO:
            _validate_go(config)
        case None:
            refuse_if(condition=True, text="Function language runtime is either not set or cannot be determined")
    _validate_acknowledgement(config)


def _validate_java(config: FunctionConfig) -> None:
    refuse_if(not config.class_name, "Function class name is not provided.")
    for topic, text in (config.custom_schema_inputs or {}).items():
        _validate_schema_info(topic, text)
    for spec in (config.input_specs or {}).values():
        both = spec.schema_type and spec.serde_class_name
        refuse_if(both, "Only one of schemaType or serdeClassName should be set in inputSpec")
    both = config.output_schema_type and config.output_serde_class_name
    refuse_if(both, "Only one of outputSchemaType or outputSerdeClassName should be set")


def _validate_schema_info(topic: str, text: str) -> None:
    try:
        read_consumer_config(text, f"customSchemaInputs[{topic!r}]")
    except InvalidFunctionConfigError as error:
        raise InvalidFunctionConfigError(f"Topic {topic} has an incorrect schema Info: {error}") from error


def _validate_go(config: FunctionConfig) -> None:
    exactly = config.processing_guarantees is ProcessingGuarantees.EFFECTIVELY_ONCE
    refuse_if(exactly, "Effectively-once processing guarantees not yet supported in Go function")
    refuse_if(config.window_config is not None, "Windowing is not supported in Go function yet")
    refuse_if(_has_retries(config), "Message retries not yet supported in Go function")
    refuse_if(config.retain_key_ordering, "Retain Key Orderering not yet supported in Go function")


def _has_retries(config: FunctionConfig) -> bool:
    return config.max_message_retries is not None and config.max_message_retries >= 0


def _validate_acknowledgement(config: FunctionConfig) -> None:
    guarantees = config.processing_guarantees
    if config.window_config is not None:
        known = guarantees in _WINDOW_GUARANTEES
        refuse_if(not known, f"Windows Function not support {guarantees} delivery semantics.")
    else:
        refuse_if(guarantees is ProcessingGuarantees.ATMOST_ONCE and config.auto_ack is False, _AUTO_ACK)
