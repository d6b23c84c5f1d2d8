"""SourceConfig and SinkConfig, field by field as in upstream's org.apache.pulsar.common.io.

None means that a field was not given. Attributes are upstream's JSON names in snake_case, in upstream's order.
"""

from typing import Any

import attrs

from pulsemill.functions.enums import ProcessingGuarantees, SubscriptionInitialPosition
from pulsemill.functions.model import ConsumerConfig, Int32, Int64, ProducerConfig, Resources


@attrs.frozen(kw_only=True)
class BatchSourceConfig:
    """What triggers a batch source's discovery of work."""

    discovery_triggerer_class_name: str | None = None
    discovery_triggerer_config: dict[str, Any] | None = None


@attrs.frozen(kw_only=True)
class SourceConfig:
    """A source as its user describes it."""

    tenant: str | None = None
    namespace: str | None = None
    name: str | None = None
    class_name: str | None = None
    topic_name: str | None = None
    producer_config: ProducerConfig | None = None
    serde_class_name: str | None = None
    schema_type: str | None = None
    configs: dict[str, Any] | None = attrs.field(default=None, repr=False)
    secrets: dict[str, Any] | None = attrs.field(default=None, repr=False)
    parallelism: Int32 | None = None
    processing_guarantees: ProcessingGuarantees | None = None
    resources: Resources | None = None
    source_type: str | None = None
    archive: str | None = None
    runtime_flags: str | None = None
    custom_runtime_options: str | None = None
    batch_source_config: BatchSourceConfig | None = None
    batch_builder: str | None = None
    log_topic: str | None = None


@attrs.frozen(kw_only=True)
class SinkConfig:
    """A sink as its user describes it."""

    tenant: str | None = None
    namespace: str | None = None
    name: str | None = None
    class_name: str | None = None
    source_subscription_name: str | None = None
    source_subscription_position: SubscriptionInitialPosition | None = None
    inputs: tuple[str, ...] | None = None
    topic_to_serde_class_name: dict[str, str] | None = None
    topics_pattern: str | None = None
    topic_to_schema_type: dict[str, str] | None = None
    topic_to_schema_properties: dict[str, str] | None = None
    input_specs: dict[str, ConsumerConfig] | None = None
    max_message_retries: Int32 | None = None
    dead_letter_topic: str | None = None
    configs: dict[str, Any] | None = attrs.field(default=None, repr=False)
    secrets: dict[str, Any] | None = attrs.field(default=None, repr=False)
    parallelism: Int32 | None = None
    processing_guarantees: ProcessingGuarantees | None = None
    retain_ordering: bool | None = None
    retain_key_ordering: bool | None = None
    resources: Resources | None = None
    auto_ack: bool | None = None
    timeout_ms: Int64 | None = None
    negative_ack_redelivery_delay_ms: Int64 | None = None
    sink_type: str | None = None
    archive: str | None = None
    cleanup_subscription: bool | None = None
    runtime_flags: str | None = None
    custom_runtime_options: str | None = None
    transform_function: str | None = None
    transform_function_class_name: str | None = None
    transform_function_config: str | None = None
    log_topic: str | None = None
