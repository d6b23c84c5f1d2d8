"""FunctionConfig to FunctionDetails."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.functions.conversion import function_details
from pulsemill.functions.enums import (
    CompressionType,
    ConsumerCryptoFailureAction,
    ProcessingGuarantees,
    ProducerCryptoFailureAction,
    Runtime,
    SubscriptionInitialPosition,
)
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.model import (
    ConsumerConfig,
    CryptoConfig,
    FunctionConfig,
    ProducerConfig,
    Resources,
    WindowConfig,
)
from pulsemill_instance.proto import Function_pb2 as proto

MakeConfig = Callable[..., FunctionConfig]
CRYPTO = CryptoConfig(
    crypto_key_reader_class_name="K",
    crypto_key_reader_config={"a": 1},
    encryption_keys=("k1", "k2"),
    producer_crypto_failure_action=ProducerCryptoFailureAction.SEND,
    consumer_crypto_failure_action=ConsumerCryptoFailureAction.CONSUME,
)


def test_defaults(make_config: MakeConfig) -> None:
    assert function_details(make_config()) == proto.FunctionDetails(
        tenant="public",
        namespace="default",
        name="f",
        className="module.Class",
        runtime=proto.FunctionDetails.Runtime.PYTHON,
        autoAck=True,
        parallelism=1,
        source=proto.SourceSpec(inputSpecs={"in": proto.ConsumerSpec()}, cleanupSubscription=True),
        sink=proto.SinkSpec(forwardSourceMessageProperty=True),
        resources=proto.Resources(cpu=1, ram=2**30, disk=10 * 2**30),
        componentType=proto.FunctionDetails.ComponentType.FUNCTION,
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"log_topic": "l"}, {"logTopic": "l"}),
        ({"processing_guarantees": ProcessingGuarantees.MANUAL}, {"processingGuarantees": proto.MANUAL}),
        ({"auto_ack": False}, {"autoAck": False}),
        ({"parallelism": 3}, {"parallelism": 3}),
        ({"runtime_flags": "-X"}, {"runtimeFlags": "-X"}),
        ({"custom_runtime_options": "{}"}, {"customRuntimeOptions": "{}"}),
        ({"retain_ordering": True}, {"retainOrdering": True}),
        ({"retain_key_ordering": True}, {"retainKeyOrdering": True}),
        ({"user_config": {"a": 5, "b": None}}, {"userConfig": '{"a":5,"b":null}'}),
        ({"user_config": {}}, {"userConfig": ""}),
        ({"secrets": {"a": {"path": "p"}}}, {"secretsMap": '{"a":{"path":"p"}}'}),
        ({"jar": "builtin://echo"}, {"builtin": "echo", "runtime": proto.FunctionDetails.Runtime.JAVA}),
        ({"jar": "echo.jar"}, {"builtin": ""}),
        ({"max_message_retries": 0}, {"retryDetails": proto.RetryDetails()}),
        ({"resources": Resources(cpu=2)}, {"resources": proto.Resources(cpu=2, ram=2**30, disk=10 * 2**30)}),
        (
            {"max_message_retries": 3, "dead_letter_topic": "dl"},
            {"retryDetails": proto.RetryDetails(maxMessageRetries=3, deadLetterTopic="dl")},
        ),
    ],
)
def test_details(make_config: MakeConfig, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    details = function_details(make_config(**fields))
    assert {name: getattr(details, name) for name in expected} == expected


@pytest.mark.parametrize("retries", [None, -1])
def test_no_retries_no_retry_details(make_config: MakeConfig, retries: int | None) -> None:
    assert not function_details(make_config(max_message_retries=retries)).HasField("retryDetails")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"retain_ordering": True}, {"subscriptionType": proto.FAILOVER}),
        ({"processing_guarantees": ProcessingGuarantees.EFFECTIVELY_ONCE}, {"subscriptionType": proto.FAILOVER}),
        ({"retain_key_ordering": True}, {"subscriptionType": proto.KEY_SHARED}),
        ({}, {"subscriptionType": proto.SHARED, "subscriptionName": "", "subscriptionPosition": proto.LATEST}),
        ({"sub_name": "s"}, {"subscriptionName": "s"}),
        (
            {"subscription_position": SubscriptionInitialPosition.EARLIEST},
            {"subscriptionPosition": proto.EARLIEST},
        ),
        ({"timeout_ms": 5}, {"timeoutMs": 5, "negativeAckRedeliveryDelayMs": 5}),
        ({"cleanup_subscription": False}, {"cleanupSubscription": False}),
        ({"skip_to_latest": True}, {"skipToLatest": True}),
        ({"input_type_class_name": "I"}, {"typeClassName": "I"}),
    ],
)
def test_source(make_config: MakeConfig, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    source = function_details(make_config(**fields)).source
    assert {name: getattr(source, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"output": "o"}, {"topic": "o"}),
        ({"output_serde_class_name": "S"}, {"serDeClassName": "S"}),
        ({"output_schema_type": "JSON"}, {"schemaType": "JSON"}),
        ({"output_schema_type": "  "}, {"schemaType": ""}),
        ({"output_type_class_name": "O"}, {"typeClassName": "O"}),
        ({"forward_source_message_property": False}, {"forwardSourceMessageProperty": False}),
        ({"batch_builder": "KEY_BASED"}, {"producerSpec": proto.ProducerSpec(batchBuilder="KEY_BASED")}),
        (
            {"producer_config": ProducerConfig(batch_builder="DEFAULT"), "batch_builder": "KEY_BASED"},
            {"producerSpec": proto.ProducerSpec(batchBuilder="KEY_BASED")},
        ),
        (
            {
                "producer_config": ProducerConfig(
                    max_pending_messages=1,
                    max_pending_messages_across_partitions=2,
                    use_thread_local_producers=True,
                    crypto_config=CRYPTO,
                    compression_type=CompressionType.NONE,
                )
            },
            {
                "producerSpec": proto.ProducerSpec(
                    maxPendingMessages=1,
                    maxPendingMessagesAcrossPartitions=2,
                    useThreadLocalProducers=True,
                    compressionType=proto.NONE,
                    cryptoSpec=proto.CryptoSpec(
                        cryptoKeyReaderClassName="K",
                        cryptoKeyReaderConfig='{"a":1}',
                        producerEncryptionKeyName=["k1", "k2"],
                        producerCryptoFailureAction=proto.CryptoSpec.SEND,
                        consumerCryptoFailureAction=proto.CryptoSpec.CONSUME,
                    ),
                )
            },
        ),
    ],
)
def test_sink(make_config: MakeConfig, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    sink = function_details(make_config(**fields)).sink
    assert {name: getattr(sink, name) for name in expected} == expected


def test_properties_of_the_output_schema(make_config: MakeConfig) -> None:
    schema = json.dumps({"schemaProperties": {"a": "1"}, "consumerProperties": {"b": "2"}})
    sink = function_details(make_config(output="o", custom_schema_outputs={"o": schema, "other": "{"})).sink
    assert (dict(sink.schemaProperties), dict(sink.consumerProperties)) == ({"a": "1"}, {"b": "2"})


def test_every_form_of_input_and_which_wins(make_config: MakeConfig) -> None:
    config = make_config(
        inputs=("a", "b", "c", "d"),
        topics_pattern="t/n/.*",
        custom_serde_inputs={"b": "Serde", "c": "Serde", "d": "Serde"},
        custom_schema_inputs={"c": '{"schemaType": "JSON", "schemaProperties": {"k": "v"}}', "d": "{}"},
        input_specs={
            "d": ConsumerConfig(
                schema_type="AVRO",
                serde_class_name="Serde",
                consumer_properties={"p": "q"},
                receiver_queue_size=0,
                crypto_config=CryptoConfig(crypto_key_reader_class_name="K"),
                pool_messages=True,
            )
        },
    )
    assert dict(function_details(config).source.inputSpecs) == {
        "a": proto.ConsumerSpec(),
        "b": proto.ConsumerSpec(serdeClassName="Serde"),
        "c": proto.ConsumerSpec(schemaType="JSON", schemaProperties={"k": "v"}),
        "d": proto.ConsumerSpec(
            schemaType="AVRO",
            consumerProperties={"p": "q"},
            receiverQueueSize=proto.ConsumerSpec.ReceiverQueueSize(value=0),
            cryptoSpec=proto.CryptoSpec(cryptoKeyReaderClassName="K"),
            poolMessages=True,
        ),
        "t/n/.*": proto.ConsumerSpec(isRegexPattern=True),
    }


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"custom_schema_inputs": {"t": "{"}}, "Incorrect custom schema inputs,Topic t: customSchemaInputs"),
        ({"output": "o", "custom_schema_outputs": {"o": "x"}}, "Incorrect custom schema outputs,Topic o: "),
    ],
)
def test_schemas_that_are_no_json(make_config: MakeConfig, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidFunctionConfigError, match=reason):
        function_details(make_config(**fields))


def test_windows(make_config: MakeConfig) -> None:
    details = function_details(
        make_config(
            runtime=Runtime.JAVA,
            window_config=WindowConfig(window_length_count=5, late_data_topic="late"),
            processing_guarantees=ProcessingGuarantees.ATMOST_ONCE,
            user_config={"a": 1},
        )
    )
    assert details.className == "org.apache.pulsar.functions.windowing.WindowFunctionExecutor"
    assert (details.processingGuarantees, details.autoAck) == (proto.MANUAL, False)
    assert json.loads(details.userConfig) == {
        "a": 1,
        "__WINDOWCONFIGS__": {
            "windowLengthCount": 5,
            "slidingIntervalCount": 5,
            "lateDataTopic": "late",
            "actualWindowFunctionClassName": "module.Class",
            "processingGuarantees": "ATMOST_ONCE",
        },
    }


def test_windows_in_python_keep_the_class_for_its_instance_to_load(make_config: MakeConfig) -> None:
    details = function_details(make_config(window_config=WindowConfig(window_length_duration_ms=500)))
    assert (details.className, details.processingGuarantees) == ("module.Class", proto.MANUAL)
    assert json.loads(details.userConfig)["__WINDOWCONFIGS__"]["windowLengthDurationMs"] == 500
