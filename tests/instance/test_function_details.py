import json
from typing import Any

import pytest

from pulsemill_instance.function_details import parse_function_details
from pulsemill_instance.startup_errors import ArgumentsError

NAMED = {"tenant": "t", "namespace": "n", "name": "f", "className": "m.C"}


def unknown(**fields: Any) -> list[str]:
    return parse_function_details(json.dumps({**NAMED, **fields}))[1]


def test_known_fields_are_read_and_none_is_unknown() -> None:
    document = {
        **NAMED,
        "autoAck": True,
        "runtime": "PYTHON",
        "processingGuarantees": "MANUAL",
        "source": {
            "inputSpecs": {"in": {"receiverQueueSize": {"value": 5}, "schemaProperties": {"anything": "goes"}}},
            "timeoutMs": "1000",
        },
        "sink": {"topic": "out", "producerSpec": {"compressionType": "ZSTD"}},
        "retryDetails": {"deadLetterTopic": "dlq"},
    }
    details, unknown_names = parse_function_details(json.dumps(document))
    assert unknown_names == []
    assert details.source.inputSpecs["in"].receiverQueueSize.value == 5
    assert (details.source.timeoutMs, details.retryDetails.deadLetterTopic) == (1000, "dlq")


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"added": 1}, ["added"]),
        ({"sink": {"producerSpec": {"futureSpec": {"enabled": True}}}}, ["sink.producerSpec.futureSpec"]),
        ({"source": {"inputSpecs": {"in": {"payloadSpec": {}}}}}, ["source.inputSpecs.in.payloadSpec"]),
        ({"processingGuarantees": "THRICE"}, ["processingGuarantees=THRICE"]),
        ({"added": 1, "sink": {"added": {}}}, ["added", "sink.added"]),
    ],
)
def test_what_a_newer_worker_adds_is_told_by_its_path(fields: dict[str, Any], paths: list[str]) -> None:
    assert unknown(**fields) == paths


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"tenant": 1}', '{"source": 7}', '{"parallelism": "many"}'])
def test_what_is_no_details_is_refused(text: str) -> None:
    with pytest.raises(ArgumentsError, match="--function_details is no JSON of FunctionDetails"):
        parse_function_details(text)


@pytest.mark.parametrize("name", ["..", ".", "../../etc", "a/b", "a\0b"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    """They become part of the log's path."""
    for field in ("tenant", "namespace", "name"):
        with pytest.raises(ArgumentsError, match="which cannot be"):
            parse_function_details(json.dumps({**NAMED, field: name}))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ArgumentsError, match="lacks name, className"):
        parse_function_details('{"tenant": "t", "namespace": "n"}')
