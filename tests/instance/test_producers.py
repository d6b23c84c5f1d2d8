from typing import Any

import pulsar
import pytest

from pulsemill_instance.producers import max_pending_messages, output_arguments, publish_arguments
from pulsemill_instance.proto import Function_pb2
from pulsemill_instance.proto.Function_pb2 import BatchingSpec, FunctionDetails, ProducerSpec, SinkSpec


def details(**spec: Any) -> FunctionDetails:
    return FunctionDetails(sink=SinkSpec(topic="out", producerSpec=ProducerSpec(**spec)))


def output(given: FunctionDetails) -> dict[str, Any]:
    return output_arguments(given, 0, function=None)  # type: ignore[arg-type]  # asked for crypto classes only


def publish(given: FunctionDetails, compression: Any | None = None) -> dict[str, Any]:
    return publish_arguments(given, 0, compression, function=None)  # type: ignore[arg-type]  # as above


def test_outputs_wait_for_the_broker_as_long_as_it_takes() -> None:
    given = output(FunctionDetails())
    assert (given["send_timeout_millis"], given["block_if_queue_full"]) == (0, True)
    assert (given["max_pending_messages"], given["compression_type"]) == (1000, pulsar.CompressionType.LZ4)


@pytest.mark.parametrize(
    ("compression", "expected"),
    [
        (Function_pb2.LZ4, pulsar.CompressionType.LZ4),
        (Function_pb2.NONE, pulsar.CompressionType.NONE),
        (Function_pb2.ZLIB, pulsar.CompressionType.ZLib),
        (Function_pb2.ZSTD, pulsar.CompressionType.ZSTD),
        (Function_pb2.SNAPPY, pulsar.CompressionType.SNAPPY),
    ],
)
def test_case_29_compression_reaches_both_producers(compression: Any, expected: Any) -> None:
    given = details(compressionType=compression)
    assert output(given)["compression_type"] == expected
    assert publish(given)["compression_type"] == expected


def test_a_publish_call_chooses_its_own_compression() -> None:
    chosen = publish(details(), pulsar.CompressionType.ZSTD)
    assert chosen["compression_type"] == pulsar.CompressionType.ZSTD
    assert publish(FunctionDetails())["compression_type"] == pulsar.CompressionType.NONE


def test_case_29_batch_builder_and_pending_limits_reach_both_producers() -> None:
    given = details(batchBuilder="KEY_BASED", maxPendingMessages=7, maxPendingMessagesAcrossPartitions=70)
    for arguments in (output(given), publish(given)):
        assert arguments["batching_type"] == pulsar.BatchingType.KeyBased
        assert arguments["max_pending_messages"] == 7
        assert arguments["max_pending_messages_across_partitions"] == 70
    assert max_pending_messages(given) == 7


def test_case_29_batching_settings_reach_both_producers() -> None:
    batching = BatchingSpec(
        enabled=True,
        batchingMaxPublishDelayMs=3,
        batchingMaxMessages=5,
        batchingMaxBytes=700,
        batchBuilder="KEY_BASED",
    )
    given = details(batchingSpec=batching)
    for arguments in (output(given), publish(given)):
        assert (arguments["batching_enabled"], arguments["batching_max_publish_delay_ms"]) == (True, 3)
        assert (arguments["batching_max_messages"], arguments["batching_max_allowed_size_in_bytes"]) == (5, 700)
        assert arguments["batching_type"] == pulsar.BatchingType.KeyBased


@pytest.mark.parametrize(("given", "expected"), [(details(), True), (details(batchingSpec=BatchingSpec()), False)])
def test_case_29_batching_is_on_unless_its_settings_say_otherwise(given: FunctionDetails, expected: bool) -> None:
    for arguments in (output(given), publish(given)):
        assert (arguments["batching_enabled"], arguments["batching_max_publish_delay_ms"]) == (expected, 10)
