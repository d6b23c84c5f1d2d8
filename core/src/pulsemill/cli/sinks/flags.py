"""The flags of create, update and localrun of sinks, and which SinkConfig key each sets."""

from pulsemill.cli.components.flags import POSITIONS, Flag
from pulsemill.cli.connectors.flags import INSTANCES, code_flags
from pulsemill.cli.params import json_object, topic_list

INPUTS = (
    Flag("-i --inputs", "inputs", "The input topics, separated by commas.", topic_list),
    Flag("--topics-pattern", "topicsPattern", "Read all topics that match a pattern."),
    Flag(
        "--custom-serde-inputs",
        "topicToSerdeClassName",
        "Topics and their SerDe classes.",
        json_object,
        "--customSerdeInputs",
    ),
    Flag(
        "--custom-schema-inputs",
        "topicToSchemaType",
        "Topics and their schemas.",
        json_object,
        "--customSchemaInputs",
    ),
    Flag("--input-specs", "inputSpecs", "Topics and their ConsumerConfig.", json_object),
    Flag("--subs-name", "sourceSubscriptionName", "The subscription's name.", older="--subsName"),
    Flag(
        "--subs-position",
        "sourceSubscriptionPosition",
        "Where a new subscription starts.",
        POSITIONS,
        "--subsPosition",
    ),
    Flag("--cleanup-subscription", "cleanupSubscription", "Delete the subscription with the sink.", bool),
    Flag("--retain-ordering", "retainOrdering", "Process inputs in order.", bool),
    Flag("--retain-key-ordering", "retainKeyOrdering", "Process the inputs of a key in order.", bool),
    Flag("--auto-ack", "autoAck", "Whether the framework acknowledges inputs.", bool),
    Flag("--timeout-ms", "timeoutMs", "Deliver again what takes longer than this.", int),
    Flag(
        "--negative-ack-redelivery-delay-ms",
        "negativeAckRedeliveryDelayMs",
        "How long a message that failed waits for its next delivery.",
        int,
    ),
    Flag(
        "--max-redeliver-count",
        "maxMessageRetries",
        "How often a message that failed comes again before it is given up.",
        int,
        "--maxRedeliverCount",
    ),
    Flag("--dead-letter-topic", "deadLetterTopic", "Where messages go that were given up."),
)
_NO_TRANSFORM = "Refused: transform functions run on a worker only."
TRANSFORM = (
    Flag(
        "--transform-function",
        "transformFunction",
        "A function between inputs and sink: a URL or builtin://NAME.",
        local_help=_NO_TRANSFORM,
    ),
    Flag(
        "--transform-function-classname",
        "transformFunctionClassName",
        "That function's class.",
        older="--transformFunctionClassName",
    ),
    Flag("--transform-function-config", "transformFunctionConfig", "That function's user configuration, as JSON text."),
)
FLAGS = (*code_flags("sink"), *INPUTS, *TRANSFORM, *INSTANCES)
