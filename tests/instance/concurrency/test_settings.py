"""How many calls at a time, and in which order, a function may ask for."""

from typing import Any

import pytest

from pulsemill_instance.concurrency.settings import Concurrency, Order, concurrency_of
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails


def asked(config: dict[str, Any], *, is_async: bool = False, **details: Any) -> Concurrency:
    return concurrency_of(config, FunctionDetails(**details), is_async=is_async)


def test_coroutines_overlap_and_plain_functions_do_not_unless_asked() -> None:
    assert asked({}, is_async=True) == Concurrency(100, Order.INPUT)
    assert asked({}) == Concurrency(1, Order.INPUT)
    assert asked({"pulsemill.concurrency": 8, "pulsemill.order": "none"}) == Concurrency(8, Order.NONE)


@pytest.mark.parametrize("calls", [0, -1, 10_001, "8", 2.0, True, None])
def test_a_number_of_calls_that_cannot_be_is_refused(calls: Any) -> None:
    with pytest.raises(InstanceError, match=r"pulsemill\.concurrency must be a whole number"):
        asked({"pulsemill.concurrency": calls})


@pytest.mark.parametrize("order", ["", "INPUT", 1, None])
def test_an_unknown_order_is_refused_with_those_that_there_are(order: Any) -> None:
    with pytest.raises(InstanceError, match=r"pulsemill\.order must be one of input, key, none"):
        asked({"pulsemill.order": order})


@pytest.mark.parametrize(
    ("details", "kept", "broken"),
    [
        ({"retainOrdering": True}, ["input"], ["key", "none"]),
        ({"processingGuarantees": EFFECTIVELY_ONCE}, ["input"], ["key", "none"]),
        ({"retainKeyOrdering": True}, ["input", "key"], ["none"]),
    ],
)
def test_an_order_that_was_promised_is_kept(details: dict[str, Any], kept: list[str], broken: list[str]) -> None:
    for order in kept:
        assert asked({"pulsemill.order": order}, **details).order == order
    for order in broken:
        with pytest.raises(InstanceError, match="because of"):
            asked({"pulsemill.order": order}, **details)
