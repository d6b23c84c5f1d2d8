"""Checks of a SinkConfig in upstream's order, with its texts (SinkConfigUtils.validateAndExtractDetails)."""

from pulsemill.connectors.inspection import Inspected, connector_class, handled_type
from pulsemill.connectors.model import SinkConfig
from pulsemill.connectors.sink_conversion import sink_inputs
from pulsemill.errors import PackageError
from pulsemill.functions.checks import refuse_if
from pulsemill.functions.java_functions import check_consumer
from pulsemill.functions.model import ConsumerConfig
from pulsemill.functions.topics import is_valid_topic
from pulsemill.functions.validation import validate_key_reader, validate_ordering, validate_resources
from pulsemill.java.archive import JavaArchive
from pulsemill.java.checks import require_type
from pulsemill.java.hierarchy import as_type
from pulsemill.java.known import FUNCTION, JAVA_FUNCTION, RECORD, SINK
from pulsemill.java.service import read_service
from pulsemill.java.signatures import OBJECT, JavaType
from pulsemill.java.types import function_types

_NO_INPUT = (
    "Must specify at least one topic of input via topicToSerdeClassName, topicsPattern, topicToSchemaType or inputSpecs"
)


def validate_sink(
    config: SinkConfig, archive: JavaArchive | None, transform: JavaArchive | None = None
) -> Inspected | None:
    """Raise for the first thing that is wrong; without an archive nothing is known of the sink's classes."""
    inputs = sink_inputs(config)
    refuse_if(config.topics_pattern == "", "Input topic  is invalid")
    refuse_if(not inputs, _NO_INPUT)
    for topic in inputs:
        refuse_if(not is_valid_topic(topic), f"Input topic {topic} is invalid")
    log_topic = config.log_topic
    refuse_if(log_topic and not is_valid_topic(log_topic), f"LogTopic topic {log_topic} is invalid")
    refuse_if((config.parallelism or 0) <= 0, "Sink parallelism must be a positive number")
    validate_ordering(config.processing_guarantees, ordered=config.retain_ordering, by_key=config.retain_key_ordering)
    validate_resources(config.resources)
    refuse_if((config.timeout_ms or 0) < 0, "Sink timeout must be a positive number")
    inspected = _inspect(config, archive, transform) if archive else None
    _validate_inputs(config, transform or archive, inspected)
    return inspected


def _validate_inputs(config: SinkConfig, archive: JavaArchive | None, inspected: Inspected | None) -> None:
    """Each form of giving inputs by itself, also what another form replaces."""
    simple = [
        *(ConsumerConfig(serde_class_name=name) for name in (config.topic_to_serde_class_name or {}).values()),
        *(ConsumerConfig(schema_type=name) for name in (config.topic_to_schema_type or {}).values()),
    ]
    for consumer in (*simple, *(config.input_specs or {}).values()):
        both = consumer.schema_type and consumer.serde_class_name
        refuse_if(both, "Only one of serdeClassName or schemaType should be set")
        if archive is not None and inspected is not None:
            check_consumer(archive, consumer, JavaType(inspected.type_class_name))
        validate_key_reader(consumer.crypto_config)


def _inspect(config: SinkConfig, archive: JavaArchive, transform: JavaArchive | None) -> Inspected:
    name = connector_class("Sink", config.class_name, archive, lambda service: service.sink_class)
    wrong = f"Sink class {name} does not implement the correct interface"
    require_type(archive, name, (SINK,), f"Sink class {name} not found", wrong)
    if transform is None:
        type_name = handled_type(archive, name, (SINK,)).type_name
        return Inspected(name, type_name, config.transform_function_class_name or "")
    function = _transform_class(config, transform)
    return Inspected(name, _transform_input(transform, function), function)


def _transform_class(config: SinkConfig, transform: JavaArchive) -> str:
    service = None if config.transform_function_class_name else read_service(transform)
    name = config.transform_function_class_name or (service.function_class if service else None)
    if not name:
        raise PackageError("Transform function class name must be set")
    return name


def _transform_input(transform: JavaArchive, name: str) -> str:
    wrong = f"Function class {name} does not implement the correct interface"
    require_type(transform, name, (FUNCTION, JAVA_FUNCTION), f"Function class {name} not found", wrong)
    types = function_types(transform, name, windowed=False)
    if types is None:
        return OBJECT
    if as_type(transform, types[1], RECORD) is None:
        raise PackageError("Sink transform function output must be of type Record")
    return types[0].type_name
