"""Which functions look at the order of what is delivered, and what they know of their outputs."""

import json
from typing import Any, cast

import attrs
import pytest

from pulsemill_instance.consumers import Input
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.handover_assembly import handovers_of
from pulsemill_instance.handovers import Handovers
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.opening import StoppedError
from pulsemill_instance.outputs import Outputs
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, MANUAL, FunctionDetails

NOBODY: Any = None
WINDOWS = json.dumps({"__WINDOWCONFIGS__": {"windowLengthCount": 5, "processingGuarantees": "ATLEAST_ONCE"}})


@attrs.define
class Stored:
    """Outputs whose highest number is known, or cannot be."""

    number: int = -1
    failure: Exception | None = None

    def last_sequence_id(self, _: InputMessage) -> int:
        if self.failure:
            raise self.failure
        return self.number


def handovers(
    outputs: Stored | None = None, topic: str = "in", seconds: float = 2.0, **fields: Any
) -> Handovers | None:
    source = Input(topic, None, NOBODY, NOBODY, NOBODY, queue_size=1000)
    return handovers_of(source, FunctionDetails(**fields), seconds, cast("Outputs | None", outputs))


@pytest.mark.parametrize(
    ("fields", "looks"),
    [
        ({"processingGuarantees": EFFECTIVELY_ONCE}, True),
        ({"processingGuarantees": EFFECTIVELY_ONCE, "topic": "non-persistent://public/default/in"}, False),
        ({"processingGuarantees": EFFECTIVELY_ONCE, "seconds": 0}, False),
        ({"retainOrdering": True, "parallelism": 2}, True),
        ({"retainOrdering": True, "parallelism": 1}, False),
        ({"retainOrdering": True, "parallelism": 2, "processingGuarantees": MANUAL, "userConfig": WINDOWS}, False),
        ({"retainKeyOrdering": True, "parallelism": 2}, False),
        ({"parallelism": 2}, False),
    ],
)
def test_which_functions_look(fields: dict[str, Any], looks: bool) -> None:
    assert (handovers(Stored(), **fields) is not None) is looks


def test_the_number_of_the_last_output_tells_where_the_next_one_begins() -> None:
    found = handovers(Stored(((7 << 20) + 3) << 12), processingGuarantees=EFFECTIVELY_ONCE)
    assert found is not None
    assert found.last_stored(NOBODY) == (7, 3, 0)


@pytest.mark.parametrize("outputs", [Stored(), Stored(failure=InstanceError("busy")), Stored(failure=StoppedError())])
def test_nobody_knows_without_an_output_or_a_producer(outputs: Stored) -> None:
    found = handovers(outputs, processingGuarantees=EFFECTIVELY_ONCE)
    assert found is not None
    assert found.last_stored(NOBODY) is None


def test_only_effectively_once_outputs_have_numbers() -> None:
    found = handovers(Stored(0), retainOrdering=True, parallelism=2)
    assert found is not None
    assert found.last_stored(NOBODY) is None
