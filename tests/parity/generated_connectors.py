"""Sources and sinks that nobody thought of: hypothesis strategies for their packages and configurations, as JSON."""

from collections.abc import Mapping
from typing import Any

import attrs
from hypothesis import strategies as st

from tests.parity.cases import Sent
from tests.parity.generated import BOOLEANS, NUMBERS, PLAIN_VALUES, RESOURCES, TEXTS, TOPICS, consumer, producer
from tests.rig.archives import uploads

Fields = Mapping[str, st.SearchStrategy[Any]]


@attrs.frozen
class Update:
    """A source or sink that is stored, and what is sent to change it."""

    stored: Sent
    sent: Sent


CLASSES = st.sampled_from(["AcmeSource", "NumberSource", "AcmePushSource", "AcmeSink", "BytesSink", "Plain"]).map(
    "org.acme.{}".format
)
BATCH_CLASSES = st.sampled_from(["org.acme.AcmeBatch", "org.acme.AcmeBatchPushSource"])
STRANGE_CLASSES = st.sampled_from(["no.Such", "", " "])
SERDES = st.sampled_from(["org.acme.AcmeSerde", "org.acme.NumberSerde", "org.acme.AcmeSource", "no.Such", "", " "])
SCHEMAS = st.sampled_from(["avro", "JSON", "string", "auto_consume", "org.acme.AcmeSchema", "no.Such", "", " "])
READERS = st.sampled_from(["org.acme.AcmeReader", "org.acme.Plain", "my.Reader", " "])
UPLOADS = st.sampled_from(sorted(uploads()))
ARCHIVES = st.sampled_from(
    ["builtin://acme", "builtin://data-generator", "builtin://nothing", "builtin://", "acme.nar", "", None]
)
GUARANTEES = st.sampled_from(["ATLEAST_ONCE", "ATMOST_ONCE", "EFFECTIVELY_ONCE", "MANUAL"])
CONFIGS = st.dictionaries(
    TEXTS, PLAIN_VALUES | st.integers(-5, 2**40) | st.lists(st.integers(0, 3), max_size=2), max_size=3
)
BATCH = st.fixed_dictionaries(
    {},
    optional={
        "discoveryTriggererClassName": st.sampled_from(["my.Triggerer", "other.Triggerer", "", " "]),
        "discoveryTriggererConfig": CONFIGS,
    },
)
SHARED: Fields = {
    "className": CLASSES | STRANGE_CLASSES,
    "configs": CONFIGS,
    "secrets": st.dictionaries(TEXTS, st.fixed_dictionaries({"path": TEXTS, "key": TEXTS}), max_size=2),
    "parallelism": st.sampled_from([-1, 0, 1, 2]),
    "processingGuarantees": GUARANTEES,
    "resources": RESOURCES,
    "runtimeFlags": TEXTS,
    "customRuntimeOptions": TEXTS,
    "logTopic": TOPICS | st.sampled_from(["", "a b", "a/b"]),
}
SOURCES: Fields = SHARED | {
    "topicName": TOPICS | st.sampled_from(["", "a b", "a/b"]),
    "producerConfig": producer(READERS),
    "serdeClassName": SERDES,
    "schemaType": SCHEMAS,
    "batchSourceConfig": BATCH,
    "batchBuilder": st.sampled_from(["DEFAULT", "KEY_BASED", ""]),
    "sourceType": TEXTS,
}
TRANSFORMS = st.sampled_from(
    [f"builtin://{name}" for name in ("to-record", "to-record", "to-text", "classless", "nothing")]
    + ["", "nothing", "file:///nothing.nar"]
)
SINKS: Fields = SHARED | {
    "inputs": st.lists(TOPICS, max_size=3),
    "topicsPattern": st.sampled_from(["persistent://{tenant}/{namespace}/.*", "x-.*", ""]),
    "topicToSerdeClassName": st.dictionaries(TOPICS, SERDES, max_size=2),
    "topicToSchemaType": st.dictionaries(TOPICS, SCHEMAS, max_size=2),
    "topicToSchemaProperties": st.dictionaries(TOPICS, TEXTS, max_size=2),
    "inputSpecs": st.dictionaries(TOPICS, consumer(READERS), max_size=2),
    "retainOrdering": BOOLEANS,
    "retainKeyOrdering": BOOLEANS,
    "autoAck": BOOLEANS,
    "timeoutMs": NUMBERS,
    "negativeAckRedeliveryDelayMs": NUMBERS,
    "maxMessageRetries": NUMBERS,
    "deadLetterTopic": TOPICS | st.sampled_from(["", " ", "a b"]),
    "sourceSubscriptionName": TEXTS,
    "sourceSubscriptionPosition": st.sampled_from(["Latest", "Earliest"]),
    "cleanupSubscription": BOOLEANS,
    "transformFunction": TRANSFORMS,
    "transformFunctionClassName": st.sampled_from(["org.acme.ToRecord", "org.acme.ToText", "no.Such", " "]),
    "transformFunctionConfig": st.sampled_from(['{"a": 1}', "text", "", " "]),
    "sinkType": TEXTS,
}
FIELDS = {"sources": SOURCES, "sinks": SINKS}
# What upstream's updates ignore or reset is in scenario.yaml, case by case.
NOT_UPDATED = {
    "batchBuilder",
    "deadLetterTopic",
    "maxMessageRetries",
    "negativeAckRedeliveryDelayMs",
    "resources",
    "sourceSubscriptionPosition",
}
CHANGES: Mapping[str, Fields] = {
    component: {name: values for name, values in fields.items() if name not in NOT_UPDATED}
    for component, fields in FIELDS.items()
}

INPUTS: Mapping[str, Mapping[str, Any]] = {
    "sources": {"topicName": "persistent://{tenant}/{namespace}/generated"},
    "sinks": {"inputs": ["persistent://{tenant}/{namespace}/sunk"]},
}
BUILT_IN = Sent({"archive": "builtin://acme"})
LIKELY = {
    "sources": [
        BUILT_IN,
        Sent({"archive": "builtin://data-generator"}),
        Sent({}, "acme.nar"),
        Sent({"className": "org.acme.NumberSource"}, "acme.jar"),
        Sent(
            BUILT_IN.config
            | {
                "className": "org.acme.AcmeBatch",
                "batchSourceConfig": {"discoveryTriggererClassName": "my.Triggerer"},
            }
        ),
    ],
    "sinks": [
        BUILT_IN,
        Sent({"archive": "builtin://data-generator"}),
        Sent({}, "acme.nar"),
        Sent({"className": "org.acme.BytesSink"}, "acme.jar"),
        Sent(BUILT_IN.config | {"transformFunction": "builtin://to-record"}),
    ],
}
UNLIKELY = st.builds(
    Sent,
    st.fixed_dictionaries({}, optional={"archive": ARCHIVES, "className": CLASSES | BATCH_CLASSES}),
    st.none() | UPLOADS,
)


@st.composite
def connectors(draw: st.DrawFn, component: str) -> Sent:
    """A source or sink with any fields, likely and unlikely values; its package is built in, uploaded or lacking."""
    likely = st.sampled_from(LIKELY[component])
    package = draw(likely | likely | likely | UNLIKELY)
    return _with_fields(component, package, draw(_some_fields(FIELDS[component], 4)))


@st.composite
def connector_updates(draw: st.DrawFn, component: str) -> Update:
    """A source or sink that is taken as it is, and a change of it."""
    package = draw(st.sampled_from(LIKELY[component]))
    stored = _with_fields(component, package, draw(_some_fields(CHANGES[component], 1)))
    # Upstream ignores an upload for what is built in.
    upload = draw(st.sampled_from([None, None, None, "acme.nar", "undescribed.nar"])) if package.upload else None
    archive = draw(st.sampled_from([{}, {}, {}, {}, {"archive": "builtin://acme"}, {"archive": "builtin://nothing"}]))
    return Update(stored, Sent({**archive, **draw(_some_fields(CHANGES[component], 2))}, upload))


@st.composite
def _some_fields(draw: st.DrawFn, fields: Fields, most: int) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), max_size=most, unique=True))
    return {field: draw(fields[field]) for field in chosen}


def _with_fields(component: str, package: Sent, fields: Mapping[str, Any]) -> Sent:
    config = {**INPUTS[component], **package.config, **fields}
    if "transformFunction" in config:  # then upstream takes any class for a sink
        config.pop("className", None)
    return Sent(config, package.upload)
