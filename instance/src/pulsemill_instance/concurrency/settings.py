"""How many calls run at a time and in which order their outputs go out, as the function's userConfig says. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails

CONCURRENCY_KEY = "pulsemill.concurrency"
ORDER_KEY = "pulsemill.order"
DEFAULT_COROUTINES = 100
MOST_CALLS = 10_000


class Order(StrEnum):
    """What an output waits for: those of all earlier inputs, those of its key, nothing."""

    INPUT = "input"
    KEY = "key"
    NONE = "none"


@attrs.frozen
class Concurrency:
    """Up to `calls` at a time."""

    calls: int
    order: Order


def concurrency_of(user_config: Mapping[str, Any], details: FunctionDetails, *, is_async: bool) -> Concurrency:
    """What the function asks for; InstanceError when that is no number, no order, or breaks a promise of order."""
    calls = user_config.get(CONCURRENCY_KEY, DEFAULT_COROUTINES if is_async else 1)
    if isinstance(calls, bool) or not isinstance(calls, int) or not 1 <= calls <= MOST_CALLS:
        raise InstanceError(f"userConfig: {CONCURRENCY_KEY} must be a whole number from 1 to {MOST_CALLS}")
    order = user_config.get(ORDER_KEY, Order.INPUT)
    if order not in set(Order):
        raise InstanceError(f"userConfig: {ORDER_KEY} must be one of {', '.join(Order)}")
    _check(Order(order), details)
    return Concurrency(calls, Order(order))


def _check(order: Order, details: FunctionDetails) -> None:
    exactly_once = details.processingGuarantees == EFFECTIVELY_ONCE
    if order is not Order.INPUT and (details.retainOrdering or exactly_once):
        reason = "EFFECTIVELY_ONCE" if exactly_once else "retainOrdering"
        raise InstanceError(f"userConfig: {ORDER_KEY} must be {Order.INPUT} because of {reason}")
    if order is Order.NONE and details.retainKeyOrdering:
        raise InstanceError(
            f"userConfig: {ORDER_KEY} must be {Order.KEY} or {Order.INPUT} because of retainKeyOrdering"
        )
