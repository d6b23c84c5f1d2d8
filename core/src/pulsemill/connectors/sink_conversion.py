"""SinkConfig to FunctionDetails (upstream's SinkConfigUtils.convert)."""

import attrs

from pulsemill.connectors.inspection import Inspected
from pulsemill.connectors.model import SinkConfig
from pulsemill.connectors.names import builtin_in
from pulsemill.functions.consumers import consumer_spec, simple_inputs
from pulsemill.functions.conversion import json_text, resources_spec, subscription_position, subscription_type
from pulsemill.functions.enums import ProcessingGuarantees
from pulsemill.functions.model import ConsumerConfig
from pulsemill.java.known import IDENTITY_FUNCTION
from pulsemill.java_json import to_json
from pulsemill_instance.proto import Function_pb2 as proto


def sink_details(config: SinkConfig, inspected: Inspected) -> proto.FunctionDetails:
    """What the cluster stores of a valid sink."""
    return proto.FunctionDetails(
        tenant=config.tenant,
        namespace=config.namespace,
        name=config.name,
        className=inspected.transform_class_name or IDENTITY_FUNCTION,
        userConfig=config.transform_function_config or "",
        builtin=builtin_in(config.transform_function),
        logTopic=config.log_topic or "",
        runtime=proto.FunctionDetails.Runtime.JAVA,
        processingGuarantees=config.processing_guarantees or ProcessingGuarantees.ATLEAST_ONCE,
        autoAck=True if config.auto_ack is None else config.auto_ack,
        parallelism=config.parallelism,
        source=_source_spec(config, inspected),
        sink=_sink_spec(config, inspected),
        resources=resources_spec(config.resources),
        retryDetails=_retry_details(config),
        secretsMap=json_text(config.secrets),
        runtimeFlags=config.runtime_flags or "",
        customRuntimeOptions=config.custom_runtime_options or "",
        componentType=proto.FunctionDetails.ComponentType.SINK,
        retainOrdering=config.retain_ordering or False,
        retainKeyOrdering=config.retain_key_ordering or False,
    )


def sink_inputs(config: SinkConfig) -> dict[str, ConsumerConfig]:
    """All inputs by topic or pattern; a later form of giving them wins over an earlier one."""
    schemas = {topic: ConsumerConfig(schema_type=name) for topic, name in (config.topic_to_schema_type or {}).items()}
    inputs = simple_inputs(config.inputs, config.topics_pattern, config.topic_to_serde_class_name)
    return inputs | schemas | (config.input_specs or {})


def _source_spec(config: SinkConfig, inspected: Inspected) -> proto.SourceSpec:
    delay = config.negative_ack_redelivery_delay_ms or 0
    return proto.SourceSpec(
        inputSpecs={topic: _input_spec(consumer) for topic, consumer in sink_inputs(config).items()},
        subscriptionType=subscription_type(
            config.processing_guarantees, ordered=config.retain_ordering, by_key=config.retain_key_ordering
        ),
        subscriptionName=(config.source_subscription_name or "").strip(),
        subscriptionPosition=subscription_position(config.source_subscription_position),
        typeClassName=inspected.type_class_name,
        timeoutMs=config.timeout_ms,
        negativeAckRedeliveryDelayMs=max(delay, 0),
        cleanupSubscription=True if config.cleanup_subscription is None else config.cleanup_subscription,
    )


def _input_spec(consumer: ConsumerConfig) -> proto.ConsumerSpec:
    return consumer_spec(attrs.evolve(consumer, schema_properties={}))


def _sink_spec(config: SinkConfig, inspected: Inspected) -> proto.SinkSpec:
    return proto.SinkSpec(
        className=inspected.class_name,
        builtin=builtin_in(config.archive),
        configs="" if config.configs is None else to_json(config.configs),
        typeClassName=inspected.type_class_name,
    )


def _retry_details(config: SinkConfig) -> proto.RetryDetails | None:
    if (config.max_message_retries or 0) <= 0:
        return None
    return proto.RetryDetails(
        maxMessageRetries=config.max_message_retries, deadLetterTopic=(config.dead_letter_topic or "").strip()
    )
