"""Inputs: the five ways to give them, and their protobuf form."""

from collections.abc import Iterable, Mapping

from pulsemill.functions.crypto import crypto_config, crypto_spec
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.model import ConsumerConfig, FunctionConfig
from pulsemill.functions.reading import read_consumer_config
from pulsemill_instance.proto.Function_pb2 import ConsumerSpec


def consumer_configs(config: FunctionConfig) -> dict[str, ConsumerConfig]:
    """All inputs of a function by topic or pattern."""
    schemas = {topic: _schema_input(topic, text) for topic, text in (config.custom_schema_inputs or {}).items()}
    inputs = simple_inputs(config.inputs, config.topics_pattern, config.custom_serde_inputs)
    return inputs | schemas | (config.input_specs or {})


def simple_inputs(
    topics: Iterable[str] | None, pattern: str | None, serdes: Mapping[str, str] | None
) -> dict[str, ConsumerConfig]:
    """Inputs given by name, by pattern or with a SerDe; a later form wins over an earlier one."""
    configs = {topic: ConsumerConfig() for topic in topics or ()}
    if pattern:
        configs[pattern] = ConsumerConfig(regex_pattern=True)
    return configs | {topic: ConsumerConfig(serde_class_name=serde) for topic, serde in (serdes or {}).items()}


def consumer_spec(config: ConsumerConfig) -> ConsumerSpec:
    """The protobuf form of one input; a schema wins over a SerDe."""
    spec = ConsumerSpec(
        isRegexPattern=config.regex_pattern,
        schemaProperties=config.schema_properties,
        consumerProperties=config.consumer_properties,
        poolMessages=config.pool_messages,
    )
    if (config.schema_type or "").strip():
        spec.schemaType = config.schema_type or ""
    elif (config.serde_class_name or "").strip():
        spec.serdeClassName = config.serde_class_name or ""
    if config.receiver_queue_size is not None:
        spec.receiverQueueSize.value = config.receiver_queue_size
    if config.crypto_config is not None:
        spec.cryptoSpec.CopyFrom(crypto_spec(config.crypto_config))
    return spec


def consumer_config(spec: ConsumerSpec) -> ConsumerConfig:
    """One input as it was stored."""
    return ConsumerConfig(
        schema_type=spec.schemaType or None,
        serde_class_name=spec.serdeClassName or None,
        regex_pattern=spec.isRegexPattern,
        schema_properties=dict(spec.schemaProperties),
        consumer_properties=dict(spec.consumerProperties),
        receiver_queue_size=spec.receiverQueueSize.value if spec.HasField("receiverQueueSize") else None,
        crypto_config=crypto_config(spec.cryptoSpec) if spec.HasField("cryptoSpec") else None,
        pool_messages=spec.poolMessages,
    )


def _schema_input(topic: str, text: str) -> ConsumerConfig:
    try:
        return read_consumer_config(text, f"customSchemaInputs[{topic!r}]")
    except InvalidFunctionConfigError as error:
        raise InvalidFunctionConfigError(f"Incorrect custom schema inputs,Topic {topic}: {error}") from error
