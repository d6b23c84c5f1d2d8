"""The flags of create, update and localrun of sources, and which SourceConfig key each sets."""

from pulsemill.cli.components.flags import Flag
from pulsemill.cli.connectors.flags import INSTANCES, code_flags
from pulsemill.cli.params import json_object

FLAGS = (
    *code_flags("source"),
    Flag("--batch-source-config", "batchSourceConfig", "What triggers a batch source's discovery.", json_object),
    Flag(
        "-o --destination-topic-name",
        "topicName",
        "The topic that gets the records.",
        older="--destinationTopicName",
    ),
    Flag("-st --schema-type", "schemaType", "The records' schema: a built-in type or a class."),
    Flag(
        "--deserialization-classname",
        "serdeClassName",
        "The records' SerDe class.",
        older="--deserializationClassName",
    ),
    Flag("--producer-config", "producerConfig", "The topic's ProducerConfig.", json_object),
    Flag("--batch-builder", "batchBuilder", "How records are batched: DEFAULT or KEY_BASED."),
    *INSTANCES,
)
