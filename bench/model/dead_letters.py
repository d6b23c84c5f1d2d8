"""What `maxMessageRetries` promises: every message ends in the output or in the dead letter topic. Pure."""

from collections import Counter
from collections.abc import Iterator

from bench.model.history import History
from bench.model.plan import FOREVER, Order, Plan
from bench.model.words import few


def given_up(plan: Plan, history: History) -> set[int]:
    """Numbers that may be missing in the output, because they failed and are dead letters."""
    return set(history.dead) & set(plan.failing)


def violations(plan: Plan, history: History) -> Iterator[str]:
    """Dead letters that are missing, and such that should not be."""
    if plan.retries is None:
        if history.dead:
            yield f"dead letters without retries: {few(set(history.dead))}"
        return
    if strange := set(history.dead) - set(plan.failing):
        yield f"dead letters of what never failed: {few(strange)}"
    hopeless = {number for number, times in plan.failing.items() if times >= FOREVER}
    if lost := hopeless - set(history.dead):
        yield f"no dead letters of what always failed: {few(lost)}"
    # The broker counts redeliveries per batch, and those after a disturbance too.
    if plan.batch == 1 and not history.disturbed_at:
        yield from _of_calm(plan, history)


def _of_calm(plan: Plan, history: History) -> Iterator[str]:
    if early := set(history.dead) - plan.dead:
        yield f"given up too early: {few(early)}"
    changes_hands = plan.order is Order.ALL and plan.instances > 1
    if changes_hands:
        return
    if twice := {number for number, times in Counter(history.dead).items() if times > 1}:
        yield f"dead letters twice: {few(twice)}"
    calls = Counter(call.number for call in history.calls)
    tries = {number: min(times, plan.retries or 0) + 1 for number, times in plan.failing.items()}
    for number, wanted in tries.items():
        if calls[number] != wanted:
            yield f"{number} was tried {calls[number]} times, not {wanted}"
