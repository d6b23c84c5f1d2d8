"""What each processing guarantee means for acknowledgements, and what it demands of a function."""

import attrs

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.inputs import input_specs
from pulsemill_instance.proto.Function_pb2 import (
    ATMOST_ONCE,
    EFFECTIVELY_ONCE,
    MANUAL,
    FunctionDetails,
    ProcessingGuarantees,
)


@attrs.frozen
class AckPolicy:
    """When the instance acknowledges an input, and what it does with one that failed."""

    before_processing: bool
    after_output: bool
    negative_on_failure: bool
    fatal_on_failure: bool


def ack_policy(details: FunctionDetails) -> AckPolicy:
    """The policy of a function's guarantee; without `autoAck` only the function itself acknowledges."""
    guarantee = details.processingGuarantees
    at_most_once, exactly_once = guarantee == ATMOST_ONCE, guarantee == EFFECTIVELY_ONCE
    return AckPolicy(
        before_processing=details.autoAck and at_most_once,
        after_output=details.autoAck and not at_most_once and guarantee != MANUAL,
        negative_on_failure=not at_most_once and not exactly_once,
        # A later output would raise the sequence id past the failed one, whose redelivery would then be dropped.
        fatal_on_failure=exactly_once,
    )


def window_ack_policy(*, at_most_once: bool) -> AckPolicy:
    """The policy of a function with windows, whatever its own guarantee says: that of the windows counts."""
    return AckPolicy(
        before_processing=at_most_once,
        after_output=not at_most_once,
        negative_on_failure=not at_most_once,
        fatal_on_failure=False,
    )


def check_guarantee(details: FunctionDetails) -> None:
    """InstanceError when the function's inputs and output cannot keep its guarantee."""
    inputs = input_specs(details)
    if not inputs:
        raise InstanceError(f"{_name(details)} has no input topic")
    if details.processingGuarantees != EFFECTIVELY_ONCE:
        return
    if len(inputs) != 1 or any(spec.isRegexPattern for spec in inputs.values()):
        raise InstanceError(
            f"{_name(details)} needs exactly one input topic, but has {len(inputs)}: {', '.join(inputs)}"
        )
    if not details.sink.topic:
        raise InstanceError(f"{_name(details)} needs an output topic, but has none")


def _name(details: FunctionDetails) -> str:
    guarantee = ProcessingGuarantees.Name(details.processingGuarantees)
    return f"function {details.tenant}/{details.namespace}/{details.name} with {guarantee}"
