"""Throws plans: all of one follows from one number."""

import random

from bench.model.plan import FOREVER, Disturbance, Order, Plan, Windows

_GUARANTEES = {"ATLEAST_ONCE": 4, "ATMOST_ONCE": 2, "EFFECTIVELY_ONCE": 2, "MANUAL": 1}


def make_plan(seed: int) -> Plan:
    """The plan of a seed."""
    dice = random.Random(seed)  # noqa: S311 no cryptography
    guarantee = dice.choices(list(_GUARANTEES), list(_GUARANTEES.values()))[0]
    windows = _windows(dice) if guarantee in {"ATLEAST_ONCE", "ATMOST_ONCE"} and dice.random() < 0.3 else None
    order = _order(dice, guarantee, windows)
    retries = dice.randint(0, 2) if guarantee == "ATLEAST_ONCE" and not windows and dice.random() < 0.5 else None
    manual, is_async, count = guarantee == "MANUAL", dice.random() < 0.4, dice.randint(30, 400)
    concurrency = 0 if windows else dice.choice([0, 0, 1, 4, 16])
    return Plan(
        seed=seed,
        guarantee=guarantee,
        order=order,
        is_async=is_async,
        count=count,
        # How many entries of the input stay can only be told without batches.
        batch=1 if manual else dice.choice([1, 7, 50]),
        keys=dice.randint(2, 6) if order is Order.KEY else 0,
        instances=dice.randint(1, 2),
        call_ms=dice.choice([0, 0.2, 2]),
        failing=_failing(dice, guarantee, order, count, retries, windows),
        nothing=frozenset() if windows else _some(dice, count),
        # A key-shared subscription holds a key back from a new consumer while an old one has a message of it.
        unacknowledged=_some(dice, count) if manual and order is not Order.KEY else frozenset(),
        disturbances=_disturbances(dice, count),
        concurrency=concurrency,
        call_order=_call_order(dice, guarantee, order) if concurrency else "",
        input_partitions=dice.choice([0, 0, 2, 3]),
        # Partitions of the output keep no order, but for effectively-once functions: theirs depend on the input.
        output_partitions=dice.choice([0, 2]) if order is Order.NONE or guarantee == "EFFECTIVELY_ONCE" else 0,
        windows=windows,
        retries=retries,
    )


def _windows(dice: random.Random) -> Windows:
    slide = dice.choice([1, 3, 5, 10])
    return Windows(slide * dice.choice([1, 1, 2, 3]), slide)


def _order(dice: random.Random, guarantee: str, windows: Windows | None) -> Order:
    if guarantee == "EFFECTIVELY_ONCE":
        return Order.ALL
    return Order.NONE if windows else dice.choice(list(Order))


def _call_order(dice: random.Random, guarantee: str, order: Order) -> str:
    if order is Order.ALL or guarantee == "EFFECTIVELY_ONCE":
        return dice.choice(["", "input"])
    return dice.choice(["", "input", "key"] if order is Order.KEY else ["", "input", "key", "none"])


def _some(dice: random.Random, count: int) -> frozenset[int]:
    return frozenset(dice.sample(range(count), dice.randint(0, count // 10)) if dice.random() < 0.5 else ())


def _failing(
    dice: random.Random, guarantee: str, order: Order, count: int, retries: int | None, windows: Windows | None
) -> dict[int, int]:
    """How often which numbers fail.

    Order is promised where nothing fails, except with EFFECTIVELY_ONCE, where a failure restarts the instance, and
    with retries of a totally ordered function, which come at once. What at-most-once windows fail on is lost.
    """
    if guarantee == "EFFECTIVELY_ONCE":
        return dict.fromkeys(dice.sample(range(count), dice.randint(0, 2)), 1)
    if retries is not None and order is not Order.KEY:
        return {number: _times(dice, retries) for number in dice.sample(range(count), dice.randint(1, 6))}
    if order is not Order.NONE or (windows and guarantee == "ATMOST_ONCE") or dice.random() < 0.5:
        return {}
    return {number: dice.randint(1, 2) for number in dice.sample(range(count), dice.randint(1, 5))}


def _times(dice: random.Random, retries: int) -> int:
    return FOREVER if dice.random() < 0.5 or not retries else dice.randint(1, retries)


def _disturbances(dice: random.Random, count: int) -> tuple[tuple[int, Disturbance], ...]:
    kinds = dice.choices(list(Disturbance), [4, 2, 1, 1], k=dice.choice([0, 1, 1, 2]))
    return tuple(sorted(((dice.randint(1, count), kind) for kind in kinds), key=lambda each: each[0]))
