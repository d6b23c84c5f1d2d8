"""Producers of outputs and of `Context.publish`, made from FunctionDetails."""

from typing import Any

import pulsar

from pulsemill_instance.crypto import producer_crypto
from pulsemill_instance.inputs import client_properties
from pulsemill_instance.interfaces import UserFunction
from pulsemill_instance.proto import Function_pb2
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, ProducerSpec

DEFAULT_PENDING = 1000
_LINGER_MS = 10
_PUBLISH_TIMEOUT_MS = 30_000
_COMPRESSIONS = {
    Function_pb2.LZ4: pulsar.CompressionType.LZ4,
    Function_pb2.NONE: pulsar.CompressionType.NONE,
    Function_pb2.ZLIB: pulsar.CompressionType.ZLib,
    Function_pb2.ZSTD: pulsar.CompressionType.ZSTD,
    Function_pb2.SNAPPY: pulsar.CompressionType.SNAPPY,
}


def max_pending_messages(details: FunctionDetails) -> int:
    """How many outputs may wait for the broker."""
    return details.sink.producerSpec.maxPendingMessages or DEFAULT_PENDING


def output_arguments(details: FunctionDetails, instance_id: int, function: UserFunction) -> dict[str, Any]:
    """Arguments of `Client.create_producer` for the output topic, without its schema.

    No send timeout: an output that the broker does not take yet holds back its input, and is never given up.
    """
    spec = details.sink.producerSpec
    arguments = _common(details, instance_id) | {
        "send_timeout_millis": 0,
        "compression_type": _COMPRESSIONS[spec.compressionType],
    }
    return arguments | _crypto(details, function)


def publish_arguments(
    details: FunctionDetails, instance_id: int, compression: Any | None, function: UserFunction
) -> dict[str, Any]:
    """Arguments of `Client.create_producer` for any other topic: encrypted as the output is."""
    chosen = pulsar.CompressionType.NONE if compression is None else compression
    if compression is None and details.sink.HasField("producerSpec"):
        chosen = _COMPRESSIONS[details.sink.producerSpec.compressionType]
    own = {"send_timeout_millis": _PUBLISH_TIMEOUT_MS, "compression_type": chosen}
    return _common(details, instance_id) | own | _crypto(details, function)


def _crypto(details: FunctionDetails, function: UserFunction) -> dict[str, Any]:
    spec: ProducerSpec = details.sink.producerSpec
    return producer_crypto(spec.cryptoSpec, function) if spec.HasField("cryptoSpec") else {}


def _common(details: FunctionDetails, instance_id: int) -> dict[str, Any]:
    spec: ProducerSpec = details.sink.producerSpec
    arguments: dict[str, Any] = _batching(spec) | {
        "block_if_queue_full": True,
        "max_pending_messages": max_pending_messages(details),
        "properties": client_properties(details, instance_id),
    }
    if spec.maxPendingMessagesAcrossPartitions:
        arguments["max_pending_messages_across_partitions"] = spec.maxPendingMessagesAcrossPartitions
    return arguments


def _batching(spec: ProducerSpec) -> dict[str, Any]:
    """How messages are batched; `batchingSpec` wins over the older `batchBuilder`, and 0 is the client's default."""
    given = spec.batchingSpec
    by_key = (given.batchBuilder or spec.batchBuilder) == "KEY_BASED"
    arguments: dict[str, Any] = {
        "batching_enabled": given.enabled or not spec.HasField("batchingSpec"),
        "batching_max_publish_delay_ms": given.batchingMaxPublishDelayMs or _LINGER_MS,
        "batching_type": pulsar.BatchingType.KeyBased if by_key else pulsar.BatchingType.Default,
    }
    if given.batchingMaxMessages:
        arguments["batching_max_messages"] = given.batchingMaxMessages
    if given.batchingMaxBytes:
        arguments["batching_max_allowed_size_in_bytes"] = given.batchingMaxBytes
    return arguments
