"""The flags of create, update and localrun, as a table: what each is called and which FunctionConfig key it sets.

Source: `pulsar-admin functions create --help` and the annotations of upstream's CmdFunctions (4.0.6).
"""

import click

from pulsemill.cli.components.flags import POSITIONS, Flag
from pulsemill.cli.params import json_object, topic_list

_GUARANTEES = click.Choice(["ATLEAST_ONCE", "ATMOST_ONCE", "EFFECTIVELY_ONCE", "MANUAL"], case_sensitive=False)
_CODE = "a local file, http(s)://, file:// on the worker's host, or function://"
_HERE = "a local file, http(s):// or file://"


def _code_flag(key: str, what: str, more: str = "") -> Flag:
    return Flag(f"--{key}", key, f"{what}: {_CODE}{more}.", local_help=f"{what}: {_HERE}.")


FLAGS = (
    _code_flag("jar", "A Java function's jar", ", or builtin://NAME"),
    _code_flag("py", "A Python function's .py, .zip or .whl"),
    _code_flag("go", "A Go function's executable"),
    Flag(
        "-t --function-type",
        "functionType",
        "The name of a built-in function, in place of code.",
        local_help="Refused: built-in functions run on a worker only.",
    ),
    Flag("--classname", "className", "The function's class (module.Class) or module."),
    Flag("-i --inputs", "inputs", "The input topics, separated by commas.", topic_list),
    Flag("--topics-pattern", "topicsPattern", "Read all topics that match a pattern."),
    Flag("--custom-serde-inputs", "customSerdeInputs", "Topics and their SerDe classes.", json_object),
    Flag("--custom-schema-inputs", "customSchemaInputs", "Topics and their schemas.", json_object),
    Flag("--input-specs", "inputSpecs", "Topics and their ConsumerConfig.", json_object),
    Flag("--input-type-class-name", "inputTypeClassName", "The class of the input."),
    Flag("-o --output", "output", "The output topic; without one, results are dropped."),
    Flag("-st --schema-type", "outputSchemaType", "The output's schema: a built-in type or a class."),
    Flag("--custom-schema-outputs", "customSchemaOutputs", "Output topics and their schemas.", json_object),
    Flag("--output-serde-classname", "outputSerdeClassName", "The output's SerDe class."),
    Flag("--output-type-class-name", "outputTypeClassName", "The class of the output."),
    Flag("--producer-config", "producerConfig", "The output's ProducerConfig.", json_object),
    Flag("--batch-builder", "batchBuilder", "How outputs are batched: DEFAULT or KEY_BASED."),
    Flag(
        "--forward-source-message-property", "forwardSourceMessageProperty", "Copy input properties to outputs.", bool
    ),
    Flag("--log-topic", "logTopic", "The topic that gets the function's log."),
    Flag("--processing-guarantees", "processingGuarantees", "When inputs are acknowledged.", _GUARANTEES),
    Flag("--auto-ack", "autoAck", "Whether the framework acknowledges inputs.", bool),
    Flag("--retain-ordering", "retainOrdering", "Process inputs in order.", bool),
    Flag("--retain-key-ordering", "retainKeyOrdering", "Process the inputs of a key in order.", bool),
    Flag("--subs-name", "subName", "The subscription's name (tenant/namespace/name unless given)."),
    Flag("--subs-position", "subscriptionPosition", "Where a new subscription starts.", POSITIONS),
    Flag("--skip-to-latest", "skipToLatest", "Skip the backlog when an instance starts.", bool),
    Flag("--cleanup-subscription", "cleanupSubscription", "Delete the subscription with the function.", bool),
    Flag("--timeout-ms", "timeoutMs", "Deliver again what takes longer than this.", int),
    Flag(
        "--max-message-retries",
        "maxMessageRetries",
        "How often a message that failed comes again before it is given up.",
        int,
    ),
    Flag("--dead-letter-topic", "deadLetterTopic", "Where messages go that were given up."),
    Flag("--user-config", "userConfig", "The function's own configuration.", json_object),
    Flag("--secrets", "secrets", "Names of secrets and how the provider finds them.", json_object),
    Flag("--parallelism", "parallelism", "How many instances run.", int),
    Flag("--cpu", "resources.cpu", "Cores per instance.", float),
    Flag("--ram", "resources.ram", "Bytes of memory per instance.", int),
    Flag("--disk", "resources.disk", "Bytes of disk per instance.", int),
    Flag("--window-length-count", "windowConfig.windowLengthCount", "Messages per window.", int),
    Flag("--window-length-duration-ms", "windowConfig.windowLengthDurationMs", "Milliseconds per window.", int),
    Flag("--sliding-interval-count", "windowConfig.slidingIntervalCount", "Messages after which a window slides.", int),
    Flag(
        "--sliding-interval-duration-ms",
        "windowConfig.slidingIntervalDurationMs",
        "Milliseconds after which a window slides.",
        int,
    ),
    Flag("--runtime-flags", "runtimeFlags", "Flags for the runtime that starts the instances."),
    Flag("--custom-runtime-options", "customRuntimeOptions", "Options for the runtime's customizer."),
)
