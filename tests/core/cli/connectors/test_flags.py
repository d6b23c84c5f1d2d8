"""Every flag of sources and sinks sets a key of the configuration, and upstream's flags are all there."""

import pytest

from pulsemill.cli.components.kind import Kind
from pulsemill.cli.sinks.kind import SINK
from pulsemill.cli.sources.kind import SOURCE
from pulsemill.functions.json_names import ALIASES, attributes_by_json_name

BOTH = (
    "-a --archive --classname --className --processing-guarantees --processingGuarantees --parallelism --cpu --ram "
    "--disk --custom-runtime-options --secrets --log-topic --runtime-flags"
)
UPSTREAM = {
    "source": f"{BOTH} -t --source-type --source-config --sourceConfig -o --destination-topic-name "
    "--destinationTopicName --producer-config --batch-builder --deserialization-classname --deserializationClassName "
    "-st --schema-type --batch-source-config",
    "sink": f"{BOTH} -t --sink-type --sink-config --sinkConfig -i --inputs --topics-pattern --topicsPattern "
    "--subs-name --subsName --subs-position --custom-serde-inputs --customSerdeInputs --custom-schema-inputs "
    "--input-specs --max-redeliver-count --dead-letter-topic --retain-ordering --retainOrdering --retain-key-ordering "
    "--auto-ack --timeout-ms --negative-ack-redelivery-delay-ms --cleanup-subscription --transform-function "
    "--transform-function-classname --transform-function-config",
}
NAMING = {"tenant", "namespace", "name"}


@pytest.fixture(params=[SOURCE, SINK], ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


def test_all_of_upstreams_flags_are_taken(kind: Kind) -> None:
    taken = {name for flag in kind.flags for name in (*flag.names.split(), *flag.hidden_names)}

    assert set(UPSTREAM[kind.name].split()) - taken == set()


def test_flags_set_keys_that_there_are_and_each_another(kind: Kind) -> None:
    keys = [flag.key for flag in kind.flags]

    assert len(keys) == len(set(keys))
    assert {key.partition(".")[0] for key in keys} <= attributes_by_json_name(kind.model).keys()


def test_no_two_flags_have_a_name_in_common(kind: Kind) -> None:
    names = [name for flag in kind.flags for name in (*flag.names.split(), *flag.hidden_names)]

    assert len(names) == len(set(names))


def test_every_key_has_a_flag_but_for_those_that_upstream_has_none_for(kind: Kind) -> None:
    keys = {flag.key.partition(".")[0] for flag in kind.flags} | NAMING
    without = {"source": set(), "sink": {"topicToSchemaProperties"}}

    assert attributes_by_json_name(kind.model).keys() - keys - ALIASES.keys() == without[kind.name]
