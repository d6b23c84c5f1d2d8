"""What an update of a source or sink may change (upstream's SourceConfigUtils and SinkConfigUtils.validateUpdate)."""

from typing import Any

import attrs

from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.connectors.sink_conversion import sink_inputs
from pulsemill.functions.checks import refuse_if
from pulsemill.functions.conversion import with_defaults
from pulsemill.functions.enums import SubscriptionInitialPosition
from pulsemill.functions.merging import given_fields, merge_inputs, refuse_changes

_SHARED = (
    "class_name",
    "configs",
    "secrets",
    "parallelism",
    "archive",
    "runtime_flags",
    "custom_runtime_options",
    "log_topic",
)
_REPLACED_IN_SOURCES = (
    *_SHARED,
    "topic_name",
    "producer_config",
    "serde_class_name",
    "schema_type",
    "batch_builder",
)
_REPLACED_IN_SINKS = (
    *_SHARED,
    "timeout_ms",
    "cleanup_subscription",
    "max_message_retries",
    "dead_letter_topic",
    "negative_ack_redelivery_delay_ms",
    "transform_function",
    "transform_function_class_name",
    "transform_function_config",
)
_FIXED_IN_SINKS = {
    "processing_guarantees": "Processing Guarantees cannot be altered",
    "retain_ordering": "Retain Ordering cannot be altered",
    "retain_key_ordering": "Retain Key Ordering cannot be altered",
    "auto_ack": "AutoAck cannot be altered",
}


def merge_source_update(stored: SourceConfig, update: SourceConfig) -> SourceConfig:
    """The stored source with an update's fields; raises InvalidFunctionConfigError for what may not change."""
    refuse_changes(
        stored, update, {"tenant": "Tenants differ", "namespace": "Namespaces differ", "name": "Function Names differ"}
    )
    refuse_changes(stored, update, {"processing_guarantees": "Processing Guarantees cannot be altered"})
    before, after = stored.batch_source_config, update.batch_source_config
    other_kind = (before is None) != (after is None)
    refuse_if(other_kind, "Sources cannot be update between regular sources and batchsource")
    changes = given_fields(update, _REPLACED_IN_SOURCES) | _merged_resources(stored, update)
    if before is not None and after is not None:
        same = before.discovery_triggerer_class_name == after.discovery_triggerer_class_name
        refuse_if(not same, "DiscoverTriggerer class cannot be updated for batchsources")
        changes["batch_source_config"] = after
    return attrs.evolve(stored, **changes)


def merge_sink_update(stored: SinkConfig, update: SinkConfig) -> SinkConfig:
    """The stored sink with an update's fields; raises InvalidFunctionConfigError for what may not change.

    Clients send the position Latest with every update, wanted or not: it never replaces Earliest.
    """
    refuse_changes(
        stored, update, {"tenant": "Tenants differ", "namespace": "Namespaces differ", "name": "Sink Names differ"}
    )
    refuse_changes(stored, update, {"source_subscription_name": "Subscription Name cannot be altered"})
    sent = {
        topic: attrs.evolve(consumer, schema_properties={}) for topic, consumer in sink_inputs(update).items()
    }  # as they are stored
    inputs = merge_inputs(stored.input_specs or {}, sent)
    refuse_changes(stored, update, _FIXED_IN_SINKS)
    changes = given_fields(update, _REPLACED_IN_SINKS) | _merged_resources(stored, update)
    if update.source_subscription_position is SubscriptionInitialPosition.EARLIEST:
        changes["source_subscription_position"] = SubscriptionInitialPosition.EARLIEST
    return attrs.evolve(stored, input_specs=inputs, **changes)


def kept_sink_fields(stored: SinkConfig, update: SinkConfig) -> list[str]:
    """The JSON names of fields that an update gave a new value to and that keep the old one all the same."""
    earliest = stored.source_subscription_position is SubscriptionInitialPosition.EARLIEST
    later = update.source_subscription_position is SubscriptionInitialPosition.LATEST
    return ["sourceSubscriptionPosition"] if earliest and later else []


def _merged_resources(stored: Any, update: Any) -> dict[str, Any]:
    if update.resources is None:
        return {}
    return {"resources": with_defaults(update.resources, with_defaults(stored.resources))}
