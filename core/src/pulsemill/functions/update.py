"""What an update may change, and the configuration that results (upstream's FunctionConfigUtils.validateUpdate)."""

import attrs

from pulsemill.functions.consumers import consumer_configs
from pulsemill.functions.conversion import with_defaults
from pulsemill.functions.inference import runtime_of
from pulsemill.functions.json_names import json_name
from pulsemill.functions.merging import given_fields, is_given, merge_inputs, refuse_changes
from pulsemill.functions.model import FunctionConfig

_FIXED_BEFORE_INPUTS = {
    "tenant": "Tenants differ",
    "namespace": "Namespaces differ",
    "name": "Function Names differ",
}
_FIXED = {
    "output_serde_class_name": "Output Serde mismatch",
    "output_schema_type": "Output Schema mismatch",
    "processing_guarantees": "Processing Guarantees cannot be altered",
    "retain_ordering": "Retain Ordering cannot be altered",
    "retain_key_ordering": "Retain Key Ordering cannot be altered",
    "runtime": "Runtime cannot be altered",
    "auto_ack": "AutoAck cannot be altered",
    "sub_name": "Subscription Name cannot be altered",
}
_REPLACED = (
    "class_name",
    "jar",
    "output",
    "log_topic",
    "user_config",
    "secrets",
    "producer_config",
    "batch_builder",
    "max_message_retries",
    "dead_letter_topic",
    "parallelism",
    "window_config",
    "timeout_ms",
    "cleanup_subscription",
    "runtime_flags",
    "custom_runtime_options",
    "input_type_class_name",
    "output_type_class_name",
    "custom_schema_outputs",
    "skip_to_latest",
)
_KEPT = ("forward_source_message_property", "subscription_position")


def merge_update(stored: FunctionConfig, update: FunctionConfig) -> FunctionConfig:
    """The stored configuration with an update's fields; raises InvalidFunctionConfigError for what may not change.

    Nothing can be set back to null, and an empty string counts as not given. Resources merge field by field.
    """
    refuse_changes(stored, update, _FIXED_BEFORE_INPUTS)
    inputs = merge_inputs(stored.input_specs or {}, consumer_configs(update))
    refuse_changes(stored, attrs.evolve(update, runtime=runtime_of(update)), _FIXED)
    changes = given_fields(update, _REPLACED)
    if update.resources is not None:
        changes["resources"] = with_defaults(update.resources, with_defaults(stored.resources))
    if update.window_config is not None and update.auto_ack is None:
        changes["auto_ack"] = None  # windows decide it; the stored one was nobody's wish for windows
    return attrs.evolve(stored, input_specs=inputs, **changes)


def kept_fields(stored: FunctionConfig, update: FunctionConfig) -> list[str]:
    """The JSON names of fields that an update gave a new value to and that keep the old one all the same.

    pulsar-admin sends these with every update, wanted or not, so that applying them would undo the registration's.
    """
    return [
        json_name(name) for name in _KEPT if is_given(update, name) and getattr(update, name) != getattr(stored, name)
    ]
