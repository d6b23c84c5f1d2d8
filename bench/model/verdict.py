"""What must never be seen after a run. Pure: from what went in, was called and came out."""

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from bench.model.function import Call
from bench.model.plan import Order, Plan

# The client sends acknowledgements ten times a second, the broker stores them once a second, and takes none while it
# moves a topic.
_ACKNOWLEDGED_SECONDS = 3.0


@attrs.frozen
class History:
    """One run's end: the outputs in the order of their topic, and when what disturbed it began."""

    outputs: Sequence[int]
    calls: Sequence[Call]
    backlog: int
    disturbed_at: Sequence[float]


def violations(plan: Plan, history: History) -> list[str]:
    """What a guarantee forbids and this run shows, in words."""
    return [*_all(plan, history), *_of_the_guarantee(plan, history), *_of_the_order(plan, history.outputs)]


def _all(plan: Plan, history: History) -> Iterator[str]:
    expected = set(range(plan.count)) - plan.nothing
    if strange := set(history.outputs) - expected:
        yield f"outputs that nothing asked for: {_few(strange)}"
    left = len(plan.unacknowledged)
    if history.backlog != left:
        yield f"{history.backlog} inputs are not acknowledged, not {left}"


def _of_the_guarantee(plan: Plan, history: History) -> Iterator[str]:
    expected = set(range(plan.count)) - plan.nothing
    missing = expected - set(history.outputs)
    twice = {number for number, times in Counter(history.outputs).items() if times > 1}
    match plan.guarantee:
        case "ATLEAST_ONCE":
            yield from [f"lost: {_few(missing)}"] if missing else []
        case "EFFECTIVELY_ONCE":
            yield from [f"lost: {_few(missing)}"] if missing else []
            yield from [f"stored twice: {_few(twice)}"] if twice else []
        case "ATMOST_ONCE":
            yield from _repeated(history)
            lost = missing - set(plan.failing)
            yield from [f"lost without a disturbance: {_few(lost)}"] if lost and not history.disturbed_at else []
        case _:
            yield from [f"lost without a disturbance: {_few(missing)}"] if missing and not history.disturbed_at else []


def _repeated(history: History) -> Iterator[str]:
    """Calls that at-most-once forbids: repeated ones, but for those of the moment of a disturbance."""
    first: dict[int, float] = {}
    for call in history.calls:
        before = first.setdefault(call.number, call.at)
        excused = any(abs(at - before) < _ACKNOWLEDGED_SECONDS for at in history.disturbed_at)
        if before != call.at and not excused:
            yield f"{call.number} was processed at {before:.3f} and again at {call.at:.3f}"


def _of_the_order(plan: Plan, outputs: Sequence[int]) -> Iterator[str]:
    """Outputs may come again after a disturbance, but the first of each must be in order."""
    if plan.order is Order.NONE:
        return
    last: dict[int, int] = {}
    for number in dict.fromkeys(outputs):
        key = plan.key(number)
        if number < last.get(key, -1):
            yield f"{number} comes after {last[key]} of the same key" if plan.keys else f"{number} after {last[key]}"
        last[key] = number


def _few(numbers: set[int]) -> str:
    return f"{len(numbers)} of {sorted(numbers)[:10]}"
