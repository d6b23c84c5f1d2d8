"""How the status of each kind of component calls what an instance counts.

Upstream: FunctionStatus, SourceStatus, SinkStatus and the `fromFunctionStatusProto` of their implementations. Of the
exceptions of instances, one origin is the component's own; the others count as the system's.
"""

import attrs


@attrs.frozen
class StatusCounters:
    """JSON names for what was received and done, the component's own exceptions, those that are the system's."""

    received: str
    done: str
    own: str
    others: tuple[str, ...]
    last_time: str = "lastReceivedTime"
    has_latency: bool = False


FUNCTION_COUNTERS = StatusCounters(
    "numReceived",
    "numSuccessfullyProcessed",
    "User",
    ("System", "Source", "Sink"),
    last_time="lastInvocationTime",
    has_latency=True,
)
SOURCE_COUNTERS = StatusCounters("numReceivedFromSource", "numWritten", "Source", ("System", "User", "Sink"))
SINK_COUNTERS = StatusCounters("numReadFromPulsar", "numWrittenToSink", "Sink", ("System", "User", "Source"))
