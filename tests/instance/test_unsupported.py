import json

import pytest

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.proto.Function_pb2 import CryptoSpec, FunctionDetails, ProducerSpec, SinkSpec, SourceSpec
from pulsemill_instance.unsupported import check_supported, ineffective_settings


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (FunctionDetails(source=SourceSpec(builtin="kafka")), "Java only"),
        (FunctionDetails(sink=SinkSpec(builtin="jdbc")), "Java only"),
        (FunctionDetails(source=SourceSpec(configs='{"__BATCHSOURCECONFIGS__": "{}"}')), "Java only"),
    ],
)
def test_what_would_change_results_is_refused(details: FunctionDetails, reason: str) -> None:
    with pytest.raises(InstanceError, match=reason):
        check_supported(details)


def test_a_plain_function_needs_no_word() -> None:
    details = FunctionDetails(userConfig='{"a": 1}', sink=SinkSpec(topic="out"))
    details.source.inputSpecs["in"].serdeClassName = ""
    check_supported(details)
    assert ineffective_settings(details) == []


def test_each_setting_without_effect_is_named() -> None:
    crypto = CryptoSpec(producerCryptoFailureAction=CryptoSpec.SEND, producerEncryptionKeyName=["a", "b"])
    producer = ProducerSpec(useThreadLocalProducers=True, cryptoSpec=crypto, batchBuilder="OTHER")
    details = FunctionDetails(sink=SinkSpec(producerSpec=producer))
    details.source.inputSpecs["in"].poolMessages = True
    details.source.inputSpecs["in"].consumerProperties["patternAutoDiscoveryPeriod"] = "2"
    names = [sentence.split()[0] for sentence in ineffective_settings(details)]
    assert names == [
        "poolMessages",
        "patternAutoDiscoveryPeriod",
        "useThreadLocalProducers",
        "producerCryptoFailureAction",
        "only",
        "batchBuilder",
    ]


@pytest.mark.parametrize(
    ("guarantee", "windows", "is_named"),
    [
        ("ATMOST_ONCE", None, True),
        ("ATLEAST_ONCE", None, False),
        ("MANUAL", "ATMOST_ONCE", True),
        ("MANUAL", "ATLEAST_ONCE", False),
    ],
)
def test_retries_have_no_effect_at_most_once(guarantee: str, windows: str | None, is_named: bool) -> None:
    details = FunctionDetails(processingGuarantees=guarantee)
    details.retryDetails.maxMessageRetries = 3
    if windows:
        config = {"windowLengthCount": 5, "processingGuarantees": windows}
        details.userConfig = json.dumps({"__WINDOWCONFIGS__": config})
    assert any("maxMessageRetries has no effect" in each for each in ineffective_settings(details)) == is_named
