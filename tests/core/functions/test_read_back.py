"""FunctionDetails back to FunctionConfig: what is given comes back, and nothing is silently lost."""

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.functions.conversion import DEFAULT_RESOURCES, function_details
from pulsemill.functions.enums import (
    CompressionType,
    ConsumerCryptoFailureAction,
    ProcessingGuarantees,
    ProducerCryptoFailureAction,
    Runtime,
    SubscriptionInitialPosition,
)
from pulsemill.functions.inference import infer_missing_arguments
from pulsemill.functions.model import (
    ConsumerConfig,
    CryptoConfig,
    FunctionConfig,
    ProducerConfig,
    Resources,
    WindowConfig,
)
from pulsemill.functions.read_back import read_back, stored_config
from pulsemill.functions.unused import UNUSED_FIELDS

MakeConfig = Callable[..., FunctionConfig]

SHOWN: dict[str, Any] = {
    "runtime_flags": "-X",
    "tenant": "t",
    "namespace": "n",
    "name": "f",
    "class_name": "m.C",
    "input_specs": {"a": ConsumerConfig(schema_type="JSON", schema_properties={"a": "b"}, receiver_queue_size=3)},
    "output": "o",
    "output_schema_type": "JSON",
    "output_serde_class_name": "S",
    "log_topic": "l",
    "processing_guarantees": ProcessingGuarantees.MANUAL,
    "retain_ordering": True,
    "retain_key_ordering": True,
    "forward_source_message_property": True,
    "user_config": {"int": 5, "none": None, "deep": {"a": [1, 2.5]}},
    "secrets": {"s": {"path": "p"}},
    "runtime": Runtime.GO,
    "auto_ack": False,
    "max_message_retries": 0,
    "dead_letter_topic": "dl",
    "sub_name": "s",
    "parallelism": 4,
    "resources": Resources(cpu=0.5, ram=1, disk=2),
    "timeout_ms": 7,
    "cleanup_subscription": False,
    "custom_runtime_options": "{}",
    "subscription_position": SubscriptionInitialPosition.EARLIEST,
    "producer_config": ProducerConfig(
        max_pending_messages=1,
        max_pending_messages_across_partitions=2,
        use_thread_local_producers=True,
        batch_builder="DEFAULT",
        compression_type=CompressionType.SNAPPY,
    ),
}
"""Fields that GET shows as they were given."""

STORED: dict[str, Any] = {
    "input_type_class_name": "I",
    "output_type_class_name": "O",
    "skip_to_latest": True,
    "custom_schema_outputs": {"o": json.dumps({"schemaProperties": {"a": "1"}, "consumerProperties": {"b": "2"}})},
}
"""Fields that only an update sees again."""

ELSEWHERE = {
    "inputs": "input_specs",
    "topics_pattern": "input_specs",
    "custom_serde_inputs": "input_specs",
    "custom_schema_inputs": "input_specs",
    "batch_builder": "producer_config",
    "window_config": "its own test",
    "jar": "runtime and builtin",
    "py": "runtime",
    "go": "runtime",
}
"""Fields that come back in another form."""


def test_no_field_is_forgotten() -> None:
    known = SHOWN.keys() | STORED.keys() | ELSEWHERE.keys() | UNUSED_FIELDS.keys()
    assert known == {field.name for field in attrs.fields(FunctionConfig)}


@pytest.mark.parametrize("field", SHOWN)
def test_what_is_given_is_shown(make_config: MakeConfig, field: str) -> None:
    others = {"dead_letter_topic": {"max_message_retries": 0}, "input_specs": {"inputs": None}}.get(field, {})
    config = make_config(**others, **{field: SHOWN[field]})
    assert getattr(read_back(function_details(config)), field) == SHOWN[field]


@pytest.mark.parametrize("field", STORED)
def test_what_is_not_shown_is_stored(make_config: MakeConfig, field: str) -> None:
    details = function_details(make_config(output="o", **{field: STORED[field]}))
    assert getattr(stored_config(details), field) == STORED[field]
    assert getattr(read_back(details), field) is None


def test_consumer_properties_are_stored_but_not_shown(make_config: MakeConfig) -> None:
    consumer = ConsumerConfig(consumer_properties={"a": "b"})
    details = function_details(make_config(inputs=None, input_specs={"a": consumer}))
    assert stored_config(details).input_specs == {"a": consumer}
    assert read_back(details).input_specs == {"a": ConsumerConfig()}


def test_defaults_are_shown(make_config: MakeConfig) -> None:
    config = read_back(function_details(make_config()))
    assert config.resources == DEFAULT_RESOURCES
    assert config.user_config == {}
    assert (config.auto_ack, config.cleanup_subscription, config.retain_ordering) == (True, True, False)
    assert config.subscription_position is SubscriptionInitialPosition.LATEST
    assert config.producer_config == ProducerConfig(
        use_thread_local_producers=False, batch_builder="", compression_type=CompressionType.LZ4
    )


def test_a_cleared_forward_flag_is_null_when_shown_and_false_when_stored(make_config: MakeConfig) -> None:
    details = function_details(make_config(forward_source_message_property=False))
    assert read_back(details).forward_source_message_property is None
    assert stored_config(details).forward_source_message_property is False


def test_builtin_is_stored_but_not_shown(make_config: MakeConfig) -> None:
    details = function_details(make_config(jar="builtin://echo"))
    assert (read_back(details).jar, stored_config(details).jar) == (None, "builtin://echo")


def test_windows(make_config: MakeConfig) -> None:
    window = WindowConfig(window_length_duration_ms=5, sliding_interval_duration_ms=2, late_data_topic="late")
    config = make_config(
        runtime=Runtime.JAVA, window_config=window, processing_guarantees=ProcessingGuarantees.ATMOST_ONCE
    )
    details = function_details(config)
    shown, stored = read_back(details), stored_config(details)
    assert (shown.class_name, shown.processing_guarantees) == ("module.Class", ProcessingGuarantees.ATMOST_ONCE)
    assert shown.user_config == {}
    assert shown.window_config is not None
    assert shown.window_config.actual_window_function_class_name == "module.Class"
    assert stored.window_config == window


def test_crypto(make_config: MakeConfig) -> None:
    crypto = CryptoConfig(
        crypto_key_reader_class_name="K",
        crypto_key_reader_config={"a": 1},
        encryption_keys=("k",),
        producer_crypto_failure_action=ProducerCryptoFailureAction.SEND,
        consumer_crypto_failure_action=ConsumerCryptoFailureAction.DISCARD,
    )
    config = make_config(
        inputs=None,
        input_specs={"a": ConsumerConfig(crypto_config=crypto)},
        producer_config=ProducerConfig(crypto_config=crypto),
    )
    shown = read_back(function_details(config))
    assert shown.input_specs == {"a": ConsumerConfig(crypto_config=crypto)}
    assert shown.producer_config is not None
    assert shown.producer_config.crypto_config == crypto


TEXT = st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: f"x{text.strip()}")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
INT32 = st.integers(1, 2**31 - 1)
CONSUMERS = st.builds(
    ConsumerConfig,
    schema_type=st.none() | TEXT,
    regex_pattern=st.booleans(),
    schema_properties=st.dictionaries(TEXT, TEXT, max_size=2),
    consumer_properties=st.dictionaries(TEXT, TEXT, max_size=2),
    receiver_queue_size=st.none() | st.integers(0, 2**31 - 1),
    pool_messages=st.booleans(),
)
CONFIGS = st.builds(
    FunctionConfig,
    class_name=TEXT,
    runtime=st.sampled_from(Runtime),
    input_specs=st.dictionaries(TEXT, CONSUMERS, min_size=1, max_size=3),
    output=st.none() | TEXT,
    log_topic=st.none() | TEXT,
    processing_guarantees=st.sampled_from(ProcessingGuarantees),
    retain_ordering=st.booleans(),
    auto_ack=st.booleans(),
    user_config=st.dictionaries(TEXT, JSON, max_size=3),
    secrets=st.none() | st.dictionaries(TEXT, JSON, min_size=1, max_size=3),
    sub_name=st.none() | TEXT,
    parallelism=INT32,
    max_message_retries=st.none() | INT32,
    timeout_ms=st.none() | st.integers(1, 2**63 - 1),
    resources=st.builds(Resources, cpu=st.floats(0.1, 100), ram=INT32, disk=INT32),
    cleanup_subscription=st.booleans(),
    subscription_position=st.sampled_from(SubscriptionInitialPosition),
    input_type_class_name=st.none() | TEXT,
    skip_to_latest=st.booleans(),
    forward_source_message_property=st.booleans(),
    runtime_flags=st.none() | TEXT,
)


@given(CONFIGS)
def test_what_is_stored_converts_to_the_same_details_again(config: FunctionConfig) -> None:
    complete = infer_missing_arguments(config, forward_source_message_property=True)
    stored = stored_config(function_details(complete))
    for field in attrs.fields(FunctionConfig):
        given_value = getattr(complete, field.name)
        if given_value is not None:
            assert getattr(stored, field.name) == given_value, field.name
    again = stored_config(function_details(infer_missing_arguments(stored, forward_source_message_property=True)))
    assert again == stored
