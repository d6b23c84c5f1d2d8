"""Which outputs must be in order, and which are not. Pure."""

from collections.abc import Callable, Iterator

from bench.model.history import History
from bench.model.plan import Order, Plan


def violations(plan: Plan, history: History) -> Iterator[str]:
    """Outputs may come again after a disturbance, but the first of each must be in order, in each partition."""
    stream = _promised(plan, history)
    if stream is None or plan.windows:
        return
    for outputs in history.stored:
        last: dict[int, int] = {}
        for (number,) in dict.fromkeys(outputs):
            before = last.get(stream(number), -1)
            if number < before:
                yield f"{number} comes after {before} of the same key" if plan.keys else f"{number} after {before}"
            last[stream(number)] = number


def _promised(plan: Plan, history: History) -> Callable[[int], int] | None:
    """Which numbers are in order among each other: those with the same answer; None if none are.

    One instance that nothing disturbs keeps the order of its inputs unless it is told otherwise.
    """
    if plan.order is not Order.NONE:
        return plan.key if plan.order is Order.KEY else plan.partition
    is_calm = not history.disturbed_at and not plan.failing and plan.instances == 1
    return plan.partition if is_calm and plan.call_order in {"", "input"} else None
