"""FunctionConfig and the types within it, field by field as in upstream's org.apache.pulsar.common.functions.

None means that a field was not given. Attributes are upstream's JSON names in snake_case.
"""

from typing import Annotated, Any

import attrs

from pulsemill.functions.enums import (
    CompressionType,
    ConsumerCryptoFailureAction,
    ProcessingGuarantees,
    ProducerCryptoFailureAction,
    Runtime,
    SubscriptionInitialPosition,
    WindowGuarantees,
)

Int32 = Annotated[int, 2**31]
Int64 = Annotated[int, 2**63]


@attrs.frozen(kw_only=True)
class CryptoConfig:
    """End-to-end encryption of an input or an output."""

    crypto_key_reader_class_name: str | None = None
    crypto_key_reader_config: dict[str, Any] | None = None
    encryption_keys: tuple[str, ...] | None = None
    producer_crypto_failure_action: ProducerCryptoFailureAction | None = None
    consumer_crypto_failure_action: ConsumerCryptoFailureAction | None = None


@attrs.frozen(kw_only=True)
class ConsumerConfig:
    """How one input topic is read."""

    schema_type: str | None = None
    serde_class_name: str | None = None
    regex_pattern: bool = False
    schema_properties: dict[str, str] = attrs.field(factory=dict)
    consumer_properties: dict[str, str] = attrs.field(factory=dict)
    receiver_queue_size: Int32 | None = None
    crypto_config: CryptoConfig | None = None
    pool_messages: bool = False


@attrs.frozen(kw_only=True)
class ProducerConfig:
    """How the output topic is written."""

    max_pending_messages: Int32 | None = None
    max_pending_messages_across_partitions: Int32 | None = None
    use_thread_local_producers: bool | None = None
    crypto_config: CryptoConfig | None = None
    batch_builder: str | None = None
    compression_type: CompressionType | None = None


@attrs.frozen(kw_only=True)
class Resources:
    """What one instance gets: cores, bytes of memory, bytes of disk."""

    cpu: float | None = None
    ram: Int64 | None = None
    disk: Int64 | None = None


@attrs.frozen(kw_only=True)
class WindowConfig:
    """The windows of a function. The last two fields are the server's."""

    window_length_count: Int32 | None = None
    window_length_duration_ms: Int64 | None = None
    sliding_interval_count: Int32 | None = None
    sliding_interval_duration_ms: Int64 | None = None
    late_data_topic: str | None = None
    max_lag_ms: Int64 | None = None
    watermark_emit_interval_ms: Int64 | None = None
    timestamp_extractor_class_name: str | None = None
    actual_window_function_class_name: str | None = None
    processing_guarantees: WindowGuarantees | None = None


@attrs.frozen(kw_only=True)
class FunctionConfig:
    """A function as its user describes it."""

    runtime_flags: str | None = None
    tenant: str | None = None
    namespace: str | None = None
    name: str | None = None
    class_name: str | None = None
    inputs: tuple[str, ...] | None = None
    custom_serde_inputs: dict[str, str] | None = None
    topics_pattern: str | None = None
    custom_schema_inputs: dict[str, str] | None = None
    custom_schema_outputs: dict[str, str] | None = None
    input_specs: dict[str, ConsumerConfig] | None = None
    input_type_class_name: str | None = None
    output: str | None = None
    producer_config: ProducerConfig | None = None
    output_schema_type: str | None = None
    output_type_class_name: str | None = None
    output_serde_class_name: str | None = None
    log_topic: str | None = None
    processing_guarantees: ProcessingGuarantees | None = None
    retain_ordering: bool | None = None
    retain_key_ordering: bool | None = None
    batch_builder: str | None = None
    forward_source_message_property: bool | None = None
    user_config: dict[str, Any] | None = None
    secrets: dict[str, Any] | None = attrs.field(default=None, repr=False)
    runtime: Runtime | None = None
    auto_ack: bool | None = None
    max_message_retries: Int32 | None = None
    dead_letter_topic: str | None = None
    sub_name: str | None = None
    parallelism: Int32 | None = None
    resources: Resources | None = None
    fqfn: str | None = None
    window_config: WindowConfig | None = None
    timeout_ms: Int64 | None = None
    jar: str | None = None
    py: str | None = None
    go: str | None = None
    function_type: str | None = None
    cleanup_subscription: bool | None = None
    custom_runtime_options: str | None = None
    max_pending_async_requests: Int32 | None = None
    expose_pulsar_admin_client_enabled: bool | None = None
    skip_to_latest: bool | None = None
    subscription_position: SubscriptionInitialPosition | None = None
