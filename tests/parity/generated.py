"""Configurations that nobody thought of: hypothesis strategies for FunctionConfig as JSON."""

from typing import Any

from hypothesis import strategies as st

TOPICS = st.sampled_from(["a", "b", "persistent://{tenant}/{namespace}/c", "non-persistent://{tenant}/{namespace}/d"])
TEXTS = st.sampled_from(["", "x", "a b", "my.Class", "ünï"])
NUMBERS = st.sampled_from([-1, 0, 1, 2, 7, 2**31 - 1])
BOOLEANS = st.booleans()


def consumer(readers: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A ConsumerConfig; `readers` are names of classes that read keys."""
    return st.fixed_dictionaries(
        {},
        optional={
            "schemaType": st.sampled_from(["avro", "json", "", "my.Schema"]),
            "serdeClassName": st.sampled_from(["my.Serde", ""]),
            "regexPattern": BOOLEANS,
            "schemaProperties": st.dictionaries(TEXTS, TEXTS, max_size=2),
            "consumerProperties": st.dictionaries(TEXTS, TEXTS, max_size=2),
            "receiverQueueSize": NUMBERS,
            "cryptoConfig": _crypto(readers),
            "poolMessages": BOOLEANS,
        },
    )


def producer(readers: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A ProducerConfig; `readers` are names of classes that read keys."""
    return st.fixed_dictionaries(
        {},
        optional={
            "maxPendingMessages": NUMBERS,
            "maxPendingMessagesAcrossPartitions": NUMBERS,
            "useThreadLocalProducers": BOOLEANS,
            "cryptoConfig": _crypto(readers),
            "batchBuilder": st.sampled_from(["DEFAULT", "KEY_BASED", ""]),
            "compressionType": st.sampled_from(["NONE", "LZ4", "ZLIB", "ZSTD", "SNAPPY"]),
        },
    )


def _crypto(readers: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "cryptoKeyReaderClassName": readers,
            "cryptoKeyReaderConfig": st.dictionaries(TEXTS, TEXTS, max_size=2),
            "encryptionKeys": st.lists(st.sampled_from(["k", "l"]), max_size=2),
            "producerCryptoFailureAction": st.sampled_from(["FAIL", "SEND"]),
            "consumerCryptoFailureAction": st.sampled_from(["FAIL", "DISCARD", "CONSUME"]),
        },
    )


READERS = st.sampled_from(["my.Reader", "", " "])
RESOURCES = st.fixed_dictionaries(
    {},
    optional={
        "cpu": st.sampled_from([-1.0, 0, 0.5, 2]),
        "ram": st.sampled_from([-1, 0, 1, 2**33]),
        "disk": st.sampled_from([-1, 0, 1, 2**40]),
    },
)
PLAIN_VALUES = st.recursive(
    st.booleans() | st.floats(-1e6, 1e6).filter(lambda number: number != int(number)) | TEXTS,
    lambda values: st.lists(values, max_size=2) | st.dictionaries(TEXTS, values, max_size=2),
    max_leaves=4,
)
LANGUAGES = st.sampled_from([{"runtime": "PYTHON", "py": "exclaim.py"}, {"runtime": "GO", "go": "exclaim"}])
GUARANTEES = "processingGuarantees"
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "className": st.sampled_from(["exclaim.Exclaim", "Exclaim", ""]),
    "inputs": st.lists(TOPICS, max_size=3),
    "topicsPattern": st.sampled_from(["persistent://{tenant}/{namespace}/.*", "x-.*"]),
    "customSerdeInputs": st.dictionaries(TOPICS, st.sampled_from(["my.Serde", ""]), max_size=2),
    "inputSpecs": st.dictionaries(TOPICS, consumer(READERS), max_size=2),
    "output": TOPICS | st.sampled_from(["out", "", "a b"]),
    "outputSchemaType": TEXTS,
    "outputSerdeClassName": TEXTS,
    "producerConfig": producer(READERS),
    "batchBuilder": st.sampled_from(["DEFAULT", "KEY_BASED"]),
    "logTopic": TOPICS | st.sampled_from(["", "a b"]),
    "deadLetterTopic": TOPICS,
    GUARANTEES: st.sampled_from(["ATLEAST_ONCE", "ATMOST_ONCE", "EFFECTIVELY_ONCE", "MANUAL"]),
    "retainOrdering": BOOLEANS,
    "retainKeyOrdering": BOOLEANS,
    "autoAck": BOOLEANS,
    "subName": TEXTS,
    "subscriptionPosition": st.sampled_from(["Latest", "Earliest"]),
    "skipToLatest": BOOLEANS,
    "cleanupSubscription": BOOLEANS,
    "forwardSourceMessageProperty": BOOLEANS,
    "userConfig": st.dictionaries(TEXTS, PLAIN_VALUES, max_size=3),
    "secrets": st.dictionaries(TEXTS, st.fixed_dictionaries({"path": TEXTS, "key": TEXTS}), max_size=2),
    "maxMessageRetries": NUMBERS,
    "timeoutMs": NUMBERS,
    "parallelism": st.sampled_from([-1, 0, 1, 2]),
    "resources": RESOURCES,
    "runtimeFlags": TEXTS,
    "customRuntimeOptions": TEXTS,
}


@st.composite
def function_configs(draw: st.DrawFn) -> dict[str, Any]:
    """A FunctionConfig as JSON: of a known language, with any fields, likely and unlikely values."""
    chosen = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=8, unique=True))
    always = {"className": "exclaim.Exclaim", "inputs": ["in"]}
    config = draw(LANGUAGES) | always | {field: draw(FIELDS[field]) for field in chosen}
    return without_what_only_ours_takes(config) if config["runtime"] == "PYTHON" else config


def without_what_only_ours_takes(config: dict[str, Any]) -> dict[str, Any]:
    """A Python function that upstream does not refuse as a matter of principle; the scenario has those that it does."""
    retries, exactly = "maxMessageRetries", config.get("processingGuarantees") == "EFFECTIVELY_ONCE"
    return {key: value for key, value in config.items() if key != retries and not (exactly and key == GUARANTEES)}
