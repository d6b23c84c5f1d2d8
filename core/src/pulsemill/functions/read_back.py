"""FunctionDetails back to FunctionConfig (upstream's FunctionConfigUtils.convertFromDetails)."""

import json
from typing import Any

import attrs

from pulsemill.functions.consumers import consumer_config
from pulsemill.functions.conversion import BUILTIN
from pulsemill.functions.enums import ProcessingGuarantees, Runtime, SubscriptionInitialPosition
from pulsemill.functions.model import FunctionConfig, Resources, WindowConfig
from pulsemill.functions.producers import producer_config
from pulsemill.functions.reading import read_object
from pulsemill.functions.windows import WINDOW_CONFIG_KEY
from pulsemill_instance.proto import Function_pb2 as proto


def read_back(details: proto.FunctionDetails) -> FunctionConfig:
    """The configuration as GET shows it: without what upstream never returns (see `stored_config`)."""
    source, sink = details.source, details.sink
    inputs = {topic: _without_consumer_properties(spec) for topic, spec in source.inputSpecs.items()}
    config = FunctionConfig(
        tenant=details.tenant,
        namespace=details.namespace,
        name=details.name,
        class_name=details.className,
        runtime=Runtime(proto.FunctionDetails.Runtime.Name(details.runtime)),
        parallelism=details.parallelism,
        processing_guarantees=guarantees_of(details),
        retain_ordering=details.retainOrdering,
        retain_key_ordering=details.retainKeyOrdering,
        auto_ack=details.autoAck,
        input_specs=inputs,
        sub_name=source.subscriptionName or None,
        subscription_position=position_of(source),
        cleanup_subscription=source.cleanupSubscription,
        timeout_ms=source.timeoutMs or None,
        output=sink.topic or None,
        output_serde_class_name=sink.serDeClassName or None,
        output_schema_type=sink.schemaType or None,
        producer_config=producer_config(sink.producerSpec),
        forward_source_message_property=sink.forwardSourceMessageProperty or None,
        log_topic=details.logTopic or None,
        secrets=json.loads(details.secretsMap) if details.secretsMap else None,
        runtime_flags=details.runtimeFlags or None,
        custom_runtime_options=details.customRuntimeOptions or None,
        resources=resources_of(details),
    )
    return _with_user_config(_with_retries(config, details), details)


def stored_config(details: proto.FunctionDetails) -> FunctionConfig:
    """All that is stored of a configuration, as the base of an update: nothing that is not mentioned gets lost."""
    sink = details.sink
    shown = read_back(details)
    return attrs.evolve(
        shown,
        input_specs={topic: consumer_config(spec) for topic, spec in details.source.inputSpecs.items()},
        input_type_class_name=details.source.typeClassName or None,
        output_type_class_name=sink.typeClassName or None,
        skip_to_latest=details.source.skipToLatest,
        custom_schema_outputs=_custom_schema_outputs(sink),
        forward_source_message_property=sink.forwardSourceMessageProperty,
        jar=BUILTIN + details.builtin if details.builtin else None,
        window_config=_as_given(shown.window_config),
    )


def position_of(source: proto.SourceSpec) -> SubscriptionInitialPosition:
    """Where the subscription began."""
    earliest = source.subscriptionPosition == proto.SubscriptionPosition.EARLIEST
    return SubscriptionInitialPosition.EARLIEST if earliest else SubscriptionInitialPosition.LATEST


def guarantees_of(details: proto.FunctionDetails) -> ProcessingGuarantees:
    """The guarantees that were stored."""
    return ProcessingGuarantees(proto.ProcessingGuarantees.Name(details.processingGuarantees))


def _without_consumer_properties(spec: proto.ConsumerSpec) -> Any:
    return attrs.evolve(consumer_config(spec), consumer_properties={})


def _custom_schema_outputs(sink: proto.SinkSpec) -> dict[str, str] | None:
    if not sink.schemaProperties and not sink.consumerProperties:
        return None
    properties = {
        "schemaProperties": dict(sink.schemaProperties),
        "consumerProperties": dict(sink.consumerProperties),
    }
    return {sink.topic: json.dumps(properties)}


def _as_given(window: WindowConfig | None) -> WindowConfig | None:
    if window is None:
        return None
    return attrs.evolve(window, actual_window_function_class_name=None, processing_guarantees=None)


def resources_of(details: proto.FunctionDetails) -> Resources | None:
    """The resources that were stored."""
    if not details.HasField("resources"):
        return None
    return Resources(cpu=details.resources.cpu, ram=details.resources.ram, disk=details.resources.disk)


def _with_retries(config: FunctionConfig, details: proto.FunctionDetails) -> FunctionConfig:
    if not details.HasField("retryDetails"):
        return config
    retries = details.retryDetails
    return attrs.evolve(
        config, max_message_retries=retries.maxMessageRetries, dead_letter_topic=retries.deadLetterTopic or None
    )


def _with_user_config(config: FunctionConfig, details: proto.FunctionDetails) -> FunctionConfig:
    user_config: dict[str, Any] = json.loads(details.userConfig) if details.userConfig else {}
    windows = user_config.pop(WINDOW_CONFIG_KEY, None)
    config = attrs.evolve(config, user_config=user_config)
    if windows is None:
        return config
    window = read_object(WindowConfig, windows, WINDOW_CONFIG_KEY)
    guarantees = window.processing_guarantees
    return attrs.evolve(
        config,
        window_config=window,
        class_name=window.actual_window_function_class_name,
        processing_guarantees=ProcessingGuarantees(guarantees) if guarantees else config.processing_guarantees,
    )
