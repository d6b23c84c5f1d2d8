"""FunctionDetails back to SourceConfig and SinkConfig (upstream's convertFromDetails)."""

import json
from typing import Any

from pulsemill.connectors.inspection import Inspected
from pulsemill.connectors.model import BatchSourceConfig, SinkConfig, SourceConfig
from pulsemill.connectors.names import BATCH_SOURCE_CLASS_NAME_KEY, BATCH_SOURCE_CONFIG_KEY
from pulsemill.functions.consumers import consumer_config
from pulsemill.functions.conversion import BUILTIN
from pulsemill.functions.producers import producer_config
from pulsemill.functions.read_back import guarantees_of, position_of, resources_of
from pulsemill.functions.reading import read_config
from pulsemill.java.known import IDENTITY_FUNCTION
from pulsemill_instance.proto import Function_pb2 as proto


def read_source_back(details: proto.FunctionDetails) -> SourceConfig:
    """A source's configuration, as GET shows it and as updates start from it."""
    source, sink = details.source, details.sink
    configs: dict[str, Any] = _map(source.configs) or {}
    batch = configs.pop(BATCH_SOURCE_CONFIG_KEY, None)
    batch_class = configs.pop(BATCH_SOURCE_CLASS_NAME_KEY, None)
    return SourceConfig(
        tenant=details.tenant,
        namespace=details.namespace,
        name=details.name,
        class_name=(batch_class if batch is not None else source.className) or None,
        topic_name=sink.topic,
        producer_config=producer_config(sink.producerSpec),
        serde_class_name=sink.serDeClassName or None,
        schema_type=sink.schemaType or None,
        configs=configs,
        secrets=_map(details.secretsMap),
        parallelism=details.parallelism,
        processing_guarantees=guarantees_of(details),
        resources=resources_of(details),
        archive=_builtin(source.builtin),
        runtime_flags=details.runtimeFlags or None,
        custom_runtime_options=details.customRuntimeOptions or None,
        batch_source_config=read_config(BatchSourceConfig, batch, BATCH_SOURCE_CONFIG_KEY) if batch else None,
        log_topic=details.logTopic or None,
    )


def read_sink_back(details: proto.FunctionDetails) -> SinkConfig:
    """A sink's configuration, as GET shows it and as updates start from it."""
    source, sink, retries = details.source, details.sink, details.retryDetails
    return SinkConfig(
        tenant=details.tenant,
        namespace=details.namespace,
        name=details.name,
        class_name=sink.className or None,
        source_subscription_name=source.subscriptionName or None,
        source_subscription_position=position_of(source),
        inputs=tuple(source.inputSpecs),
        input_specs={topic: consumer_config(spec) for topic, spec in source.inputSpecs.items()},
        max_message_retries=retries.maxMessageRetries or None,
        dead_letter_topic=retries.deadLetterTopic or None,
        configs=_map(sink.configs),
        secrets=_map(details.secretsMap),
        parallelism=details.parallelism,
        processing_guarantees=guarantees_of(details),
        retain_ordering=source.subscriptionType == proto.SubscriptionType.FAILOVER,
        retain_key_ordering=source.subscriptionType == proto.SubscriptionType.KEY_SHARED,
        resources=resources_of(details),
        auto_ack=details.autoAck,
        timeout_ms=source.timeoutMs or None,
        negative_ack_redelivery_delay_ms=source.negativeAckRedeliveryDelayMs or None,
        archive=_builtin(sink.builtin),
        cleanup_subscription=source.cleanupSubscription,
        runtime_flags=details.runtimeFlags or None,
        custom_runtime_options=details.customRuntimeOptions or None,
        transform_function=_builtin(details.builtin),
        transform_function_class_name=_transform_class(details) or None,
        transform_function_config=details.userConfig or None,
        log_topic=details.logTopic or None,
    )


def stored_source(details: proto.FunctionDetails) -> Inspected:
    """What was read from a source's package when it was stored."""
    return Inspected(read_source_back(details).class_name or "", details.source.typeClassName)


def stored_sink(details: proto.FunctionDetails) -> Inspected:
    """What was read from a sink's packages when it was stored."""
    return Inspected(details.sink.className, details.sink.typeClassName, _transform_class(details))


def _transform_class(details: proto.FunctionDetails) -> str:
    return "" if details.className == IDENTITY_FUNCTION else details.className


def _map(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found


def _builtin(name: str) -> str | None:
    return BUILTIN + name if name else None
