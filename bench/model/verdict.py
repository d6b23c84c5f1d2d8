"""What must never be seen after a run. Pure: from what went in, was called and came out."""

from collections import Counter
from collections.abc import Iterator

from bench.model import dead_letters, order, windowing
from bench.model.history import History
from bench.model.plan import FOREVER, Order, Plan
from bench.model.words import few

# The client sends acknowledgements ten times a second, the broker stores them once a second, and takes none while it
# moves a topic.
_ACKNOWLEDGED_SECONDS = 3.0
# It stores one that comes within a second of another with the next, or after managedLedgerCursorPositionFlushSeconds.
_FORGOTTEN_IN_A_CRASH_SECONDS = 60.0 + _ACKNOWLEDGED_SECONDS


def violations(plan: Plan, history: History) -> list[str]:
    """What a guarantee forbids and this run shows, in words."""
    return [
        *_all(plan, history),
        *_of_the_guarantee(plan, history),
        *_of_calm(plan, history),
        *order.violations(plan, history),
        *dead_letters.violations(plan, history),
        *windowing.violations(plan, history),
    ]


def _all(plan: Plan, history: History) -> Iterator[str]:
    if strange := set(history.outputs) - _expected(plan):
        yield f"outputs that nothing asked for: {few(strange)}"
    left, may_wait = len(plan.unacknowledged), plan.in_windows_to_come if plan.guarantee == "ATLEAST_ONCE" else 0
    if history.backlog < left or (history.backlog > left + may_wait and not history.forgot):
        yield f"{history.backlog} inputs are not acknowledged, not {left}{f' to {left + may_wait}' if may_wait else ''}"


def _expected(plan: Plan) -> set[int]:
    never = {number for number, times in plan.failing.items() if times >= FOREVER}
    return set(range(plan.count)) - plan.nothing - never


def _of_the_guarantee(plan: Plan, history: History) -> Iterator[str]:
    missing = _expected(plan) - set(history.outputs) - dead_letters.given_up(plan, history) - history.left
    match plan.guarantee:
        case "ATLEAST_ONCE":
            yield from [f"lost: {few(missing)}"] if missing else []
        case "EFFECTIVELY_ONCE":
            yield from [f"lost: {few(missing)}"] if missing else []
            twice = _stored_twice(history)
            yield from [f"stored twice: {few(twice)}"] if twice else []
        case _:
            yield from _repeated(plan, history) if plan.guarantee == "ATMOST_ONCE" else []
            lost = missing - set(plan.failing) if plan.guarantee == "ATMOST_ONCE" else missing
            calm = not history.disturbed_at
            yield from [f"lost without a disturbance: {few(lost)}"] if calm and len(lost) > plan.without_window else []


def _of_calm(plan: Plan, history: History) -> Iterator[str]:
    """Where nothing fails and nobody disturbs, no guarantee has an excuse for a second output.

    But for a second instance: the topic of an ordered function changes hands when that one joins, and what is not
    acknowledged goes to it when the first one stops. So does the whole batch of a message that is in no window yet.
    """
    changes_hands = plan.instances > 1 and (plan.order is Order.ALL or (plan.windows is not None and plan.batch > 1))
    if history.disturbed_at or plan.failing or changes_hands or plan.slides:
        return
    handed_over = plan.unacknowledged if plan.instances > 1 else frozenset[int]()
    if twice := _stored_twice(history) - handed_over:
        yield f"stored twice without a disturbance: {few(twice)}"


def _stored_twice(history: History) -> set[int]:
    return {number for number, times in Counter(history.outputs).items() if times > 1}


def _repeated(plan: Plan, history: History) -> Iterator[str]:
    """Calls that at-most-once forbids: more than windows have, but for those of the moment of a disturbance."""
    most = plan.windows.length // plan.windows.slide if plan.windows else 1
    first: dict[int, float] = {}
    times: Counter[int] = Counter()
    for call in history.calls:
        before = first.setdefault(call.number, call.at)
        times[call.number] += 1
        excused = any(abs(at - before) < _ACKNOWLEDGED_SECONDS for at in history.disturbed_at)
        excused = excused or any(0 < at - before < _FORGOTTEN_IN_A_CRASH_SECONDS for at in history.crashed_at)
        if times[call.number] > most and not excused:
            yield f"{call.number} was processed at {before:.3f} and again at {call.at:.3f}"
