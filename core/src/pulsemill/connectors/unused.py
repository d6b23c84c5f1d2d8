"""What is accepted of sources and sinks without effect, here as upstream."""

from pulsemill.connectors.model import SinkConfig, SourceConfig

_CLIENTS = "only command lines use it"


def unused_source_fields(config: SourceConfig) -> dict[str, str]:
    """The JSON names of such fields that a source gives, with the reasons."""
    return {"sourceType": _CLIENTS} if config.source_type else {}


def unused_sink_fields(config: SinkConfig) -> dict[str, str]:
    """The JSON names of such fields that a sink gives, with the reasons."""
    retries = (config.max_message_retries or 0) > 0
    given = {
        "sinkType": (config.sink_type, _CLIENTS),
        "topicToSchemaProperties": (config.topic_to_schema_properties, "no release of Pulsar reads it"),
        "deadLetterTopic": (config.dead_letter_topic and not retries, "without maxMessageRetries nothing is given up"),
        "inputSpecs.schemaProperties": (
            any(spec.schema_properties for spec in (config.input_specs or {}).values()),
            "sinks know no properties of schemas",
        ),
    }
    return {name: why for name, (is_given, why) in given.items() if is_given}
