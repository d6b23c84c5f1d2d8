"""The texts and the order of upstream's checks."""

from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.functions.enums import ProcessingGuarantees, Runtime
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.model import (
    ConsumerConfig,
    CryptoConfig,
    FunctionConfig,
    ProducerConfig,
    Resources,
    WindowConfig,
)
from pulsemill.functions.validation import validate_function

MakeConfig = Callable[..., FunctionConfig]

ATMOST, EXACTLY = ProcessingGuarantees.ATMOST_ONCE, ProcessingGuarantees.EFFECTIVELY_ONCE
MANUAL = ProcessingGuarantees.MANUAL
JAVA, GO = Runtime.JAVA, Runtime.GO
WINDOW = WindowConfig(window_length_count=5)


def window(**fields: Any) -> dict[str, Any]:
    return {"runtime": JAVA, "window_config": WindowConfig(**fields)}


AUTO_ACK = (
    "When Guarantees == ATMOST_ONCE, autoAck must be equal to true. This is a contradictory configuration, "
    "autoAck will be removed later. Please refer to PIP: https://github.com/apache/pulsar/issues/15560"
)
ONE_INPUT = "EFFECTIVELY_ONCE needs exactly one input topic: outputs of several would get one order of numbers"
IN_ORDER: list[tuple[dict[str, Any], str]] = [
    ({"class_name": None}, "Function classname cannot be null"),
    ({"inputs": None}, "No input topic(s) specified for the function"),
    ({"inputs": ("t/x",)}, "Input topic t/x is invalid"),
    ({"topics_pattern": "t/x"}, "Input topic t/x is invalid"),
    ({"topics_pattern": ""}, "Input topic  is invalid"),
    ({"custom_serde_inputs": {"t/x": "S"}}, "Input topic t/x is invalid"),
    ({"custom_schema_inputs": {"t/x": "S"}}, "Input topic t/x is invalid"),
    ({"input_specs": {"t/x": ConsumerConfig()}}, "Input topic t/x is invalid"),
    ({"output": "t/x"}, "Output topic t/x is invalid"),
    ({"log_topic": "t/x"}, "LogTopic topic t/x is invalid"),
    ({"dead_letter_topic": "t/x"}, "DeadLetter topic t/x is invalid"),
    ({"parallelism": 0}, "Function parallelism must be a positive number"),
    (
        {"output": "in"},
        "Output topic in is also being used as an input topic (topics must be one or the other)",
    ),
    ({**window(window_length_count=5), "auto_ack": True}, "Cannot enable auto ack when using windowing functionality"),
    (window(), "Window length is not specified"),
    (
        window(window_length_count=1, window_length_duration_ms=1),
        "Window length for time and count are set! Please set one or the other.",
    ),
    (window(window_length_count=0), "Window length must be positive [0]"),
    (window(window_length_duration_ms=-1), "Window length must be positive [-1]"),
    (window(window_length_count=1, sliding_interval_count=0), "Sliding interval must be positive [0]"),
    (window(window_length_count=1, sliding_interval_duration_ms=0), "Sliding interval must be positive [0]"),
    (
        window(window_length_count=1, timestamp_extractor_class_name="T", max_lag_ms=-1),
        "Lag duration must be positive [-1]",
    ),
    (
        window(window_length_count=1, timestamp_extractor_class_name="T", watermark_emit_interval_ms=0),
        "Watermark interval must be positive [0]",
    ),
    ({"resources": Resources(cpu=0)}, "The cpu allocation for the function must be positive"),
    ({"resources": Resources(ram=0)}, "The ram allocation for the function must be positive"),
    ({"resources": Resources(disk=-1)}, "The disk allocation for the function must be positive"),
    ({"timeout_ms": 0}, "Function timeout must be a positive number"),
    (
        {"timeout_ms": 1, "processing_guarantees": ATMOST},
        "Message timeout can only be specified with processing guarantee is ATLEAST_ONCE",
    ),
    (
        {"max_message_retries": 0, "processing_guarantees": EXACTLY},
        "MaxMessageRetries and Effectively once don't gel well",
    ),
    ({"dead_letter_topic": "dl"}, "Dead Letter Topic specified, however max retries is set to infinity"),
    (
        {"dead_letter_topic": "dl", "max_message_retries": -1},
        "Dead Letter Topic specified, however max retries is set to infinity",
    ),
    (
        {"retain_key_ordering": True, "processing_guarantees": EXACTLY},
        "When effectively once processing guarantee is specified, retain Key ordering cannot be set",
    ),
    (
        {"retain_key_ordering": True, "retain_ordering": True},
        "Only one of retain ordering or retain key ordering can be set",
    ),
    ({"py": "builtin://x"}, "The supplied python file does not exist"),
    ({"go": "builtin://x"}, "The supplied go file does not exist"),
    ({"input_specs": {"x": ConsumerConfig(receiver_queue_size=-1)}}, "Receiver queue size should be >= zero"),
    ({"input_specs": {"x": ConsumerConfig(crypto_config=CryptoConfig())}}, "CryptoKeyReader class name required"),
    ({"producer_config": ProducerConfig(crypto_config=CryptoConfig())}, "CryptoKeyReader class name required"),
    (
        {"producer_config": ProducerConfig(crypto_config=CryptoConfig(crypto_key_reader_class_name="K"))},
        "Must provide encryption key name for crypto key reader",
    ),
    ({"batch_builder": "KEYED"}, "batchBuilder: 'KEYED' is not one of DEFAULT, KEY_BASED"),
    ({"user_config": {"__WINDOWCONFIGS__": 1}}, "userConfig: the key __WINDOWCONFIGS__ is reserved; use windowConfig"),
    ({"processing_guarantees": EXACTLY, "inputs": ("a", "b"), "output": "out"}, ONE_INPUT),
    ({"processing_guarantees": EXACTLY, "topics_pattern": "a.*", "inputs": None, "output": "out"}, ONE_INPUT),
    (
        {"processing_guarantees": EXACTLY},
        "EFFECTIVELY_ONCE needs an output topic: without one there is nothing to send once",
    ),
    (
        {"window_config": WindowConfig(window_length_count=5, late_data_topic="late")},
        "Late data topic can be defined only when specifying a timestamp extractor class",
    ),
    (
        {"window_config": WindowConfig(window_length_count=5, sliding_interval_duration_ms=5)},
        "slidingIntervalDurationMs needs windowLengthDurationMs: windows of a count slide by a count",
    ),
    (
        {"runtime": GO, "processing_guarantees": EXACTLY},
        "Effectively-once processing guarantees not yet supported in Go function",
    ),
    ({"runtime": GO, "window_config": WINDOW}, "Windowing is not supported in Go function yet"),
    ({"runtime": GO, "max_message_retries": 0}, "Message retries not yet supported in Go function"),
    ({"runtime": GO, "retain_key_ordering": True}, "Retain Key Orderering not yet supported in Go function"),
    ({"runtime": JAVA, "class_name": None}, "Function class name is not provided."),
    (
        {"runtime": JAVA, "custom_schema_inputs": {"x": "[]"}},
        "Topic x has an incorrect schema Info: customSchemaInputs['x']: expected an object, not []",
    ),
    (
        {"runtime": JAVA, "input_specs": {"x": ConsumerConfig(schema_type="JSON", serde_class_name="S")}},
        "Only one of schemaType or serdeClassName should be set in inputSpec",
    ),
    (
        {"runtime": JAVA, "output_schema_type": "JSON", "output_serde_class_name": "S"},
        "Only one of outputSchemaType or outputSerdeClassName should be set",
    ),
    ({"runtime": None}, "Function language runtime is either not set or cannot be determined"),
    (
        {"runtime": JAVA, "window_config": WINDOW, "processing_guarantees": EXACTLY},
        "Windows Function not support EFFECTIVELY_ONCE delivery semantics.",
    ),
    (
        {"runtime": JAVA, "window_config": WINDOW, "processing_guarantees": MANUAL},
        "Windows Function not support MANUAL delivery semantics.",
    ),
    (
        {"auto_ack": False, "processing_guarantees": ATMOST},
        AUTO_ACK,
    ),
]


@pytest.mark.parametrize(("fields", "text"), IN_ORDER)
def test_refuses_with_upstreams_text(make_config: MakeConfig, fields: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidFunctionConfigError) as error:
        validate_function(make_config(**fields))
    assert str(error.value) == text


COMMON = [
    {"class_name": None},
    {"inputs": None},
    {"output": "t/x"},
    {"log_topic": "t/y"},
    {"parallelism": 0},
    {"resources": Resources(cpu=0)},
    {"timeout_ms": 0},
    {"retain_key_ordering": True, "retain_ordering": True},
    {"producer_config": ProducerConfig(crypto_config=CryptoConfig())},
    {"processing_guarantees": MANUAL, "max_message_retries": 1},
]


@pytest.mark.parametrize("position", range(len(COMMON) - 1))
def test_the_first_of_two_mistakes_is_reported(make_config: MakeConfig, position: int) -> None:
    first, second = COMMON[position], COMMON[position + 1]
    with pytest.raises(InvalidFunctionConfigError) as alone:
        validate_function(make_config(**first))
    with pytest.raises(InvalidFunctionConfigError) as both:
        validate_function(make_config(**{**second, **first}))
    assert str(both.value) == str(alone.value)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"output": "out", "log_topic": "l", "timeout_ms": 1, "auto_ack": False},
        {"processing_guarantees": ATMOST},
        {"processing_guarantees": MANUAL, "auto_ack": False},
        {"runtime": GO, "class_name": None},
        {"runtime": JAVA, "max_message_retries": 0, "dead_letter_topic": "dl"},
        {"runtime": JAVA, "window_config": WINDOW, "processing_guarantees": ATMOST},
        {"runtime": JAVA, "processing_guarantees": EXACTLY},
        {"batch_builder": "key_based"},
        {"max_message_retries": -1},
        {"max_message_retries": 0, "dead_letter_topic": "dl"},
        {"processing_guarantees": EXACTLY, "output": "out"},
        {"window_config": WINDOW},
        {"window_config": WINDOW, "processing_guarantees": ATMOST},
        {"window_config": WindowConfig(window_length_duration_ms=5, sliding_interval_count=2)},
    ],
)
def test_accepts(make_config: MakeConfig, fields: dict[str, Any]) -> None:
    validate_function(make_config(**fields))
