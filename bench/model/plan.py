"""What happens in one run: all of it follows from one number."""

import random
from enum import Enum

import attrs

from pulsemill_instance.proto.Function_pb2 import ProcessingGuarantees


class Disturbance(Enum):
    """What is done to a running instance or its topics."""

    KILL = "kill"
    STOP = "stop"
    UNLOAD_INPUT = "unload input"
    UNLOAD_OUTPUT = "unload output"


class Order(Enum):
    """What order a function promises."""

    NONE = "none"
    ALL = "all"
    KEY = "key"


@attrs.frozen
class Plan:
    """One run. Numbers from 0 to `count` go in, with key `number % keys` if there are `keys`.

    The function raises `failing[number]` times on a number, returns None for `nothing`, and with MANUAL leaves
    `unacknowledged` be. Each of `disturbances` comes when the function was called so many times.
    """

    seed: int
    guarantee: str
    order: Order
    is_async: bool
    count: int
    batch: int
    keys: int
    instances: int
    call_ms: float
    failing: dict[int, int]
    nothing: frozenset[int]
    unacknowledged: frozenset[int]
    disturbances: tuple[tuple[int, Disturbance], ...]

    def key(self, number: int) -> int:
        """The key of a number; 0 without keys."""
        return number % self.keys if self.keys else 0

    def __str__(self) -> str:
        ends = ", ".join(f"{kind.value} at call {calls}" for calls, kind in self.disturbances) or "calm"
        kind = "async" if self.is_async else "sync"
        return (
            f"seed {self.seed}: {self.guarantee}, order {self.order.value}, {kind}, {self.instances} instance(s), "
            f"{self.count} in batches of {self.batch}, {self.keys} keys, {len(self.failing)} failing, "
            f"{len(self.nothing)} without result, {len(self.unacknowledged)} unacknowledged, {ends}"
        )


def make_plan(seed: int) -> Plan:
    """The plan of a seed."""
    dice = random.Random(seed)  # noqa: S311 no cryptography
    guarantee = dice.choice(ProcessingGuarantees.keys())
    order = Order.ALL if guarantee == "EFFECTIVELY_ONCE" else dice.choice(list(Order))
    count = dice.randint(30, 400)
    manual = guarantee == "MANUAL"
    return Plan(
        seed=seed,
        guarantee=guarantee,
        order=order,
        is_async=dice.random() < 0.4,
        count=count,
        # How many entries of the input stay can only be told without batches.
        batch=1 if manual else dice.choice([1, 7, 50]),
        keys=dice.randint(2, 6) if order is Order.KEY else 0,
        instances=1 if order is Order.ALL else dice.randint(1, 2),
        call_ms=dice.choice([0, 0.2, 2]),
        failing=_failing(dice, guarantee, order, count),
        nothing=_some(dice, count),
        # A key-shared subscription holds a key back from a new consumer while an old one has a message of it.
        unacknowledged=_some(dice, count) if manual and order is not Order.KEY else frozenset(),
        disturbances=_disturbances(dice, count),
    )


def _some(dice: random.Random, count: int) -> frozenset[int]:
    return frozenset(dice.sample(range(count), dice.randint(0, count // 10)) if dice.random() < 0.5 else ())


def _failing(dice: random.Random, guarantee: str, order: Order, count: int) -> dict[int, int]:
    """Order is promised where nothing fails, except with EFFECTIVELY_ONCE, where a failure restarts the instance."""
    if guarantee == "EFFECTIVELY_ONCE":
        return dict.fromkeys(dice.sample(range(count), dice.randint(0, 2)), 1)
    if order is not Order.NONE or dice.random() < 0.5:
        return {}
    return {number: dice.randint(1, 2) for number in dice.sample(range(count), dice.randint(1, 5))}


def _disturbances(dice: random.Random, count: int) -> tuple[tuple[int, Disturbance], ...]:
    kinds = dice.choices(list(Disturbance), [4, 2, 1, 1], k=dice.choice([0, 1, 1, 2]))
    return tuple(sorted(((dice.randint(1, count), kind) for kind in kinds), key=lambda each: each[0]))
