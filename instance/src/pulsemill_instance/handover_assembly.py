"""Which inputs are looked at for their order, and what is known of their outputs."""

import _pulsar

from pulsemill_instance.consumers import Input
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.handovers import Handovers
from pulsemill_instance.inputs import consumer_type
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.opening import StoppedError
from pulsemill_instance.outputs import Outputs
from pulsemill_instance.places import Place, place_of_output
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails
from pulsemill_instance.topics import has_message_ids
from pulsemill_instance.windowing.settings import window_settings


def looks_at_handovers(details: FunctionDetails) -> bool:
    """Whether a function promises order, and has somebody who could hand over to it or is held to its outputs' numbers.

    Of a single instance that is at-least-once, nothing could tell a start from a handover.
    """
    ordered = consumer_type(details) == _pulsar.ConsumerType.Failover and window_settings(details) is None
    return ordered and (details.processingGuarantees == EFFECTIVELY_ONCE or details.parallelism > 1)


def handovers_of(source: Input, details: FunctionDetails, seconds: float, outputs: Outputs | None) -> Handovers | None:
    """Those of an input; None where nobody looks at its order, or its messages have no ids to tell it by."""
    if not (seconds and looks_at_handovers(details) and has_message_ids(source.topic)):
        return None

    def last_stored(message: InputMessage) -> Place | None:
        if outputs is None or details.processingGuarantees != EFFECTIVELY_ONCE:
            return None
        try:
            return place_of_output(outputs.last_sequence_id(message))
        except (InstanceError, StoppedError):
            return None  # as will be seen when the output is sent

    return Handovers(seconds, source.queue_size, last_stored, by_topic=source.pattern is not None)
