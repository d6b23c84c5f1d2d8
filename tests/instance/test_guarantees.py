import pytest

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.guarantees import AckPolicy, ack_policy, check_guarantee
from pulsemill_instance.proto.Function_pb2 import (
    ATLEAST_ONCE,
    ATMOST_ONCE,
    EFFECTIVELY_ONCE,
    MANUAL,
    FunctionDetails,
    SinkSpec,
)

MATRIX = [
    (ATLEAST_ONCE, True, AckPolicy(False, True, True, False)),
    (ATLEAST_ONCE, False, AckPolicy(False, False, True, False)),
    (ATMOST_ONCE, True, AckPolicy(True, False, False, False)),
    (ATMOST_ONCE, False, AckPolicy(False, False, False, False)),
    (MANUAL, True, AckPolicy(False, False, True, False)),
    (MANUAL, False, AckPolicy(False, False, True, False)),
    (EFFECTIVELY_ONCE, True, AckPolicy(False, True, False, True)),
]


@pytest.mark.parametrize(("guarantee", "auto_ack", "expected"), MATRIX)
def test_when_inputs_are_acknowledged(guarantee: int, auto_ack: bool, expected: AckPolicy) -> None:
    assert ack_policy(FunctionDetails(processingGuarantees=guarantee, autoAck=auto_ack)) == expected


def with_inputs(*topics: str, output: str = "out", guarantee: int = EFFECTIVELY_ONCE) -> FunctionDetails:
    details = FunctionDetails(processingGuarantees=guarantee, sink=SinkSpec(topic=output))
    for topic in topics:
        details.source.inputSpecs[topic].schemaType = ""
    return details


def test_effectively_once_takes_one_input_and_one_output() -> None:
    check_guarantee(with_inputs("in"))
    check_guarantee(with_inputs("a", "b", output="", guarantee=ATLEAST_ONCE))


def test_a_function_needs_an_input() -> None:
    with pytest.raises(InstanceError, match="has no input topic"):
        check_guarantee(with_inputs(guarantee=ATLEAST_ONCE))


def test_effectively_once_refuses_patterns() -> None:
    details = with_inputs("a.*")
    details.source.inputSpecs["a.*"].isRegexPattern = True
    with pytest.raises(InstanceError, match="exactly one input topic"):
        check_guarantee(details)
