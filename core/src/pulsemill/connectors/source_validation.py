"""Checks of a SourceConfig in upstream's order, with its texts (SourceConfigUtils.validateAndExtractDetails)."""

from pulsemill.connectors.inspection import Inspected, connector_class, handled_type
from pulsemill.connectors.model import BatchSourceConfig, SourceConfig
from pulsemill.functions.checks import refuse_if
from pulsemill.functions.java_functions import check_crypto
from pulsemill.functions.topics import is_valid_topic
from pulsemill.functions.validation import validate_batch_builder, validate_key_reader, validate_resources
from pulsemill.java.archive import JavaArchive
from pulsemill.java.checks import check_schema, check_serde, require_type
from pulsemill.java.hierarchy import as_type
from pulsemill.java.known import BATCH_SOURCE, SOURCE
from pulsemill.java.signatures import JavaType


def validate_source(config: SourceConfig, archive: JavaArchive | None) -> Inspected | None:
    """Raise for the first thing that is wrong; without an archive nothing is known of the source's classes."""
    refuse_if(config.topic_name and not is_valid_topic(config.topic_name), "Topic name is invalid")
    log_topic = config.log_topic
    refuse_if(log_topic and not is_valid_topic(log_topic), f"LogTopic topic {log_topic} is invalid")
    refuse_if((config.parallelism or 0) <= 0, "Source parallelism must be a positive number")
    validate_resources(config.resources)
    inspected = _inspect(config, archive) if archive else None
    both = config.serde_class_name and config.schema_type
    refuse_if(both, "Only one of serdeClassName or schemaType should be set")
    if archive is not None and inspected is not None:
        _check_classes(config, archive, JavaType(inspected.type_class_name))
    producer = config.producer_config
    validate_key_reader(producer.crypto_config if producer else None)
    validate_batch_builder(config.batch_builder, producer)
    return inspected


def validate_batch_source(batch: BatchSourceConfig) -> None:
    """A batch source needs something that triggers it."""
    missing = not batch.discovery_triggerer_class_name
    refuse_if(missing, "BatchSourceConfig does not specify Discovery Trigger ClassName")


def _inspect(config: SourceConfig, archive: JavaArchive) -> Inspected:
    name = connector_class("Source", config.class_name, archive, lambda service: service.source_class)
    require_type(
        archive,
        name,
        (SOURCE, BATCH_SOURCE),
        f"Source class {name} not found in class loader",
        f"Source class {name} does not implement the correct interface",
    )
    if as_type(archive, JavaType(name), BATCH_SOURCE):
        batch = config.batch_source_config
        unset = f"Source class {name} implements {BATCH_SOURCE} but batch source source config is not specified"
        refuse_if(batch is None, unset)
        validate_batch_source(batch or BatchSourceConfig())
    return Inspected(name, handled_type(archive, name, (SOURCE, BATCH_SOURCE)).type_name)


def _check_classes(config: SourceConfig, archive: JavaArchive, given: JavaType) -> None:
    check_serde(archive, config.serde_class_name, given, is_input=False)
    check_schema(archive, config.schema_type, given, is_input=False)
    if config.producer_config is not None:
        check_crypto(archive, config.producer_config.crypto_config)
