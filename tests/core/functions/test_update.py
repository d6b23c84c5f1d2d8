"""Merging updates."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.functions.conversion import function_details
from pulsemill.functions.enums import ProcessingGuarantees, Runtime, SubscriptionInitialPosition
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.model import ConsumerConfig, FunctionConfig, ProducerConfig, Resources, WindowConfig
from pulsemill.functions.read_back import stored_config
from pulsemill.functions.update import kept_fields, merge_update

MakeConfig = Callable[..., FunctionConfig]


@pytest.fixture
def stored(make_config: MakeConfig) -> FunctionConfig:
    return stored_config(
        function_details(
            make_config(
                inputs=("in",),
                topics_pattern="t/n/.*",
                output="out",
                output_schema_type="JSON",
                output_serde_class_name="S",
                sub_name="s",
                user_config={"a": 1},
                resources=Resources(cpu=2, ram=3, disk=4),
            )
        )
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"tenant": "x"}, "Tenants differ"),
        ({"namespace": "x"}, "Namespaces differ"),
        ({"name": "x"}, "Function Names differ"),
        ({"inputs": ("x",)}, "Input Topics cannot be altered"),
        ({"topics_pattern": "t/n/x"}, "Input Topics cannot be altered"),
        ({"custom_serde_inputs": {"x": "S"}}, "Input Topics cannot be altered"),
        ({"custom_schema_inputs": {"x": "{}"}}, "Input Topics cannot be altered"),
        ({"input_specs": {"x": ConsumerConfig()}}, "Input Topics cannot be altered"),
        (
            {"input_specs": {"in": ConsumerConfig(regex_pattern=True)}},
            "isRegexPattern for input topic in cannot be altered",
        ),
        ({"inputs": ("t/n/.*",)}, "isRegexPattern for input topic t/n/.* cannot be altered"),
        ({"output_serde_class_name": "x"}, "Output Serde mismatch"),
        ({"output_schema_type": "x"}, "Output Schema mismatch"),
        ({"processing_guarantees": ProcessingGuarantees.MANUAL}, "Processing Guarantees cannot be altered"),
        ({"retain_ordering": True}, "Retain Ordering cannot be altered"),
        ({"retain_key_ordering": True}, "Retain Key Ordering cannot be altered"),
        ({"runtime": Runtime.GO}, "Runtime cannot be altered"),
        ({"jar": "builtin://x"}, "Runtime cannot be altered"),
        ({"go": "program"}, "Runtime cannot be altered"),
        ({"auto_ack": False}, "AutoAck cannot be altered"),
        ({"sub_name": "x"}, "Subscription Name cannot be altered"),
    ],
)
def test_refuses(stored: FunctionConfig, fields: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidFunctionConfigError) as error:
        merge_update(stored, FunctionConfig(**fields))
    assert str(error.value) == text


@pytest.mark.parametrize(
    "fields",
    [
        {"class_name": "x.Y"},
        {"output": "x"},
        {"log_topic": "x"},
        {"dead_letter_topic": "x"},
        {"user_config": {"b": 2}},
        {"user_config": {}},
        {"secrets": {"s": 1}},
        {"producer_config": ProducerConfig(max_pending_messages=1)},
        {"batch_builder": "KEY_BASED"},
        {"max_message_retries": 3},
        {"timeout_ms": 5},
        {"parallelism": 5},
        {"window_config": WindowConfig(window_length_count=1)},
        {"cleanup_subscription": False},
        {"runtime_flags": "x"},
        {"custom_runtime_options": "x"},
        {"input_type_class_name": "x"},
        {"output_type_class_name": "x"},
        {"custom_schema_outputs": {"out": "{}"}},
        {"skip_to_latest": True},
        {"resources": Resources(cpu=9, ram=9, disk=9)},
    ],
)
def test_replaces(stored: FunctionConfig, fields: dict[str, Any]) -> None:
    merged = merge_update(stored, FunctionConfig(**fields))
    assert {name: getattr(merged, name) for name in fields} == fields
    assert merged != stored


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tenant": "public", "namespace": "default", "name": "f", "class_name": "module.Class", "output": "out"},
        {"output_schema_type": "", "class_name": "", "output": "", "log_topic": ""},
        {"inputs": ("in",)},
        {"topics_pattern": "t/n/.*"},
        {"py": "module.py", "go": "x"},
        {"forward_source_message_property": False},
        {"subscription_position": SubscriptionInitialPosition.EARLIEST},
        {"max_pending_async_requests": 5, "expose_pulsar_admin_client_enabled": True, "fqfn": "x"},
    ],
)
def test_leaves_alone(stored: FunctionConfig, fields: dict[str, Any]) -> None:
    assert merge_update(stored, FunctionConfig(**fields)) == stored


def test_partial_resources_keep_the_others(stored: FunctionConfig) -> None:
    merged = merge_update(stored, FunctionConfig(resources=Resources(cpu=9)))
    assert merged.resources == Resources(cpu=9, ram=3, disk=4)


def test_a_sent_input_replaces_the_stored_one_and_others_stay(stored: FunctionConfig) -> None:
    update = FunctionConfig(custom_schema_inputs={"in": json.dumps({"schemaType": "AVRO"})})
    merged = merge_update(stored, update)
    assert merged.input_specs == {
        "in": ConsumerConfig(schema_type="AVRO"),
        "t/n/.*": ConsumerConfig(regex_pattern=True),
    }
    assert merged != stored, "a change of inputs alone is a change"


def test_kept_fields_are_named_only_when_they_would_change(stored: FunctionConfig) -> None:
    latest, earliest = SubscriptionInitialPosition.LATEST, SubscriptionInitialPosition.EARLIEST
    assert kept_fields(stored, FunctionConfig(subscription_position=latest)) == []
    assert kept_fields(stored, FunctionConfig(subscription_position=earliest)) == ["subscriptionPosition"]
    assert kept_fields(stored, FunctionConfig(forward_source_message_property=False)) == [
        "forwardSourceMessageProperty"
    ]


def test_windows_added_by_an_update_decide_about_acknowledgment(make_config: MakeConfig) -> None:
    stored = stored_config(function_details(make_config(auto_ack=True)))
    assert merge_update(stored, FunctionConfig(window_config=WindowConfig(window_length_count=5))).auto_ack is None
