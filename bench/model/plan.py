"""What happens in one run. `bench.model.dice` throws one for each number."""

from collections.abc import Mapping
from enum import Enum

import attrs

FOREVER = 1_000_000
"""How often a number fails that always does."""


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
class Windows:
    """Windows of a count: one ends with every `slide`-th number, and holds the last `length`."""

    length: int
    slide: int


@attrs.frozen
class Plan:
    """One run. Numbers from 0 to `count` go in, with key `number % keys` if there are `keys`.

    The function raises `failing[number]` times on a number, returns None for `nothing`, and with MANUAL leaves
    `unacknowledged` be. Each of `disturbances` comes when the function was called so many times. `concurrency` is how
    many calls run at a time, 0 if nobody says so, and `call_order` their `pulsemill.order`, empty likewise. Topics with
    0 partitions are not partitioned.
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
    concurrency: int = 0
    call_order: str = ""
    input_partitions: int = 0
    output_partitions: int = 0
    windows: Windows | None = None
    retries: int | None = None

    def key(self, number: int) -> int:
        """The key of a number; 0 without keys."""
        return number % self.keys if self.keys else 0

    def partition(self, number: int) -> int:
        """The partition of the input that a number goes to: one for a key; 0 without partitions."""
        return (self.key(number) if self.keys else number) % max(1, self.input_partitions)

    @property
    def dead(self) -> frozenset[int]:
        """The numbers that fail more often than they are tried."""
        retries = FOREVER if self.retries is None else self.retries
        return frozenset(number for number, times in self.failing.items() if times > retries)

    def comes_again(self, calls: Mapping[int, int]) -> bool:
        """Whether a number that is not to be acknowledged has failed at all its calls so far.

        Of others the backlog tells.
        """
        return any(calls.get(number, 0) <= self.failing.get(number, 0) for number in self.unacknowledged)

    @property
    def slides(self) -> bool:
        """Whether a number belongs into several windows."""
        return self.windows is not None and self.windows.slide < self.windows.length

    @property
    def without_window(self) -> int:
        """How many numbers at most are in no window yet when all have come."""
        return (self.windows.slide - 1) * self.instances if self.windows else 0

    @property
    def in_windows_to_come(self) -> int:
        """How many numbers at most later windows may hold when all have come."""
        return (self.windows.length - 1) * self.instances if self.windows else 0

    def __str__(self) -> str:
        ends = ", ".join(f"{kind.value} at call {calls}" for calls, kind in self.disturbances) or "calm"
        kind = "async" if self.is_async else "sync"
        windows = f"windows of {self.windows.length} by {self.windows.slide}, " if self.windows else ""
        retries = "" if self.retries is None else f"{self.retries} retries, {len(self.dead)} dead, "
        return (
            f"seed {self.seed}: {self.guarantee}, order {self.order.value}, {kind}, {self.instances} instance(s), "
            f"{self.concurrency or 'default'} call(s) in order {self.call_order or 'default'}, {windows}{retries}"
            f"{self.count} in batches of {self.batch}, {self.keys} keys, {self.input_partitions} to "
            f"{self.output_partitions} partitions, {len(self.failing)} failing, "
            f"{len(self.nothing)} without result, {len(self.unacknowledged)} unacknowledged, {ends}"
        )
