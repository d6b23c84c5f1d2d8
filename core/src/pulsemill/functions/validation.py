"""Checks of a complete FunctionConfig in upstream's order, with its texts (FunctionConfigUtils.doCommonChecks)."""

from pulsemill.functions.checks import refuse_if
from pulsemill.functions.enums import ProcessingGuarantees, Runtime
from pulsemill.functions.languages import validate_language
from pulsemill.functions.model import CryptoConfig, FunctionConfig, ProducerConfig, Resources
from pulsemill.functions.topics import is_valid_topic
from pulsemill.functions.windows import WINDOW_CONFIG_KEY, validate_windows

_BATCH_BUILDERS = ("", "DEFAULT", "KEY_BASED")


def validate_function(config: FunctionConfig) -> None:
    """Raise InvalidFunctionConfigError for the first thing that is wrong. Defaults must have been filled in."""
    refuse_if(not config.tenant, "Function tenant cannot be null")
    refuse_if(not config.namespace, "Function namespace cannot be null")
    refuse_if(not config.name, "Function name cannot be null")
    refuse_if(config.runtime is Runtime.PYTHON and not config.class_name, "Function classname cannot be null")
    _validate_topics(config)
    validate_windows(config)
    validate_resources(config.resources)
    _validate_timeout_and_retries(config)
    validate_ordering(config.processing_guarantees, ordered=config.retain_ordering, by_key=config.retain_key_ordering)
    refuse_if((config.py or "").startswith("builtin"), "The supplied python file does not exist")
    refuse_if((config.go or "").startswith("builtin"), "The supplied go file does not exist")
    _validate_consumers_and_producer(config)
    reserved = WINDOW_CONFIG_KEY in (config.user_config or {})
    refuse_if(reserved, f"userConfig: the key {WINDOW_CONFIG_KEY} is reserved; use windowConfig")
    validate_language(config)


def input_topics(config: FunctionConfig) -> list[str]:
    """All topics and patterns that the configuration reads, however they were given."""
    pattern = [] if config.topics_pattern is None else [config.topics_pattern]
    maps = (config.custom_serde_inputs, config.custom_schema_inputs, config.input_specs)
    return [*(config.inputs or ()), *pattern, *(topic for topics in maps for topic in topics or ())]


def _validate_topics(config: FunctionConfig) -> None:
    inputs = input_topics(config)
    refuse_if(not inputs, "No input topic(s) specified for the function")
    for topic in inputs:
        refuse_if(not is_valid_topic(topic), f"Input topic {topic} is invalid")
    others = (("Output", config.output), ("LogTopic", config.log_topic), ("DeadLetter", config.dead_letter_topic))
    for kind, other in others:
        refuse_if(other and not is_valid_topic(other), f"{kind} topic {other} is invalid")
    refuse_if((config.parallelism or 0) <= 0, "Function parallelism must be a positive number")
    clash = f"Output topic {config.output} is also being used as an input topic (topics must be one or the other)"
    refuse_if(config.output in inputs, clash)


def validate_resources(resources: Resources | None) -> None:
    """Refuse allocations that are not positive."""
    if resources is None:
        return
    for name, value in (("cpu", resources.cpu), ("ram", resources.ram), ("disk", resources.disk)):
        refuse_if(value is not None and value <= 0, f"The {name} allocation for the function must be positive")


def _validate_timeout_and_retries(config: FunctionConfig) -> None:
    guarantees, timeout = config.processing_guarantees, config.timeout_ms
    refuse_if(timeout is not None and timeout <= 0, "Function timeout must be a positive number")
    refuse_if(
        timeout is not None and guarantees not in {None, ProcessingGuarantees.ATLEAST_ONCE},
        "Message timeout can only be specified with processing guarantee is ATLEAST_ONCE",
    )
    retries = config.max_message_retries is not None and config.max_message_retries >= 0
    exactly = guarantees is ProcessingGuarantees.EFFECTIVELY_ONCE
    refuse_if(retries and exactly, "MaxMessageRetries and Effectively once don't gel well")
    unlimited = "Dead Letter Topic specified, however max retries is set to infinity"
    refuse_if(config.dead_letter_topic and not retries, unlimited)


def validate_ordering(guarantees: ProcessingGuarantees | None, *, ordered: bool | None, by_key: bool | None) -> None:
    """Refuse kinds of ordering that exclude each other."""
    refuse_if(
        by_key and guarantees is ProcessingGuarantees.EFFECTIVELY_ONCE,
        "When effectively once processing guarantee is specified, retain Key ordering cannot be set",
    )
    refuse_if(ordered and by_key, "Only one of retain ordering or retain key ordering can be set")


def _validate_consumers_and_producer(config: FunctionConfig) -> None:
    for consumer in (config.input_specs or {}).values():
        size = consumer.receiver_queue_size
        refuse_if(size is not None and size < 0, "Receiver queue size should be >= zero")
        validate_key_reader(consumer.crypto_config)
    producer = config.producer_config
    if producer is not None:
        validate_key_reader(producer.crypto_config)
        crypto = producer.crypto_config
        keyless = "Must provide encryption key name for crypto key reader"
        refuse_if(crypto is not None and not crypto.encryption_keys, keyless)
    validate_batch_builder(config.batch_builder, producer)


def validate_batch_builder(given: str | None, producer: ProducerConfig | None) -> None:
    """Refuse unknown ways to make batches, wherever they are given."""
    for builder in (given, producer.batch_builder if producer else None):
        known = builder is None or builder.upper() in _BATCH_BUILDERS
        refuse_if(not known, f"batchBuilder: {builder!r} is not one of DEFAULT, KEY_BASED")


def validate_key_reader(crypto: CryptoConfig | None) -> None:
    """Refuse encryption without a class that reads keys."""
    missing = crypto is not None and not (crypto.crypto_key_reader_class_name or "").strip()
    refuse_if(missing, "CryptoKeyReader class name required")
