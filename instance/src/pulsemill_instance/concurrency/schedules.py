"""Which calls may begin, and whose outcome may be told, under each order. Pure: nothing is called here."""

from collections import deque
from collections.abc import Hashable
from typing import Any, Protocol

import attrs

from pulsemill_instance.call_guard import CallClock
from pulsemill_instance.concurrency.settings import Order
from pulsemill_instance.consumers import Input
from pulsemill_instance.interfaces import InputMessage


@attrs.define(eq=False)
class Slot:
    """A message's place among the calls: its arguments and clock once it began, its outcome once it is done."""

    source: Input
    message: InputMessage
    key: Hashable = None
    arguments: tuple[Any, ...] = ()
    clock: CallClock | None = None
    result: Any = None
    error: BaseException | None = None
    system_error: Exception | None = None
    seconds: float = 0.0
    is_done: bool = False


class Schedule(Protocol):
    """Told of messages and of ends of calls; each method gives the slots that are ripe by that, in their order."""

    def add(self, slot: Slot) -> list[Slot]:
        """A message has come: those that may begin."""

    def done(self, slot: Slot) -> tuple[list[Slot], list[Slot]]:
        """A call is over: those whose outcomes are to be told, and those that may begin."""


class InInputOrder:
    """Any call may begin; outcomes are told in the order of the inputs."""

    def __init__(self) -> None:
        self._slots: deque[Slot] = deque()

    def add(self, slot: Slot) -> list[Slot]:
        """See Schedule."""
        self._slots.append(slot)
        return [slot]

    def done(self, slot: Slot) -> tuple[list[Slot], list[Slot]]:
        """See Schedule."""
        slot.is_done = True
        told = []
        while self._slots and self._slots[0].is_done:
            told.append(self._slots.popleft())
        return told, []


class OneByOnePerKey:
    """A call begins when the last one of its key is over, so that a function sees a key's messages one by one."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[Slot]] = {}

    def add(self, slot: Slot) -> list[Slot]:
        """See Schedule."""
        if slot.key in self._waiting:
            self._waiting[slot.key].append(slot)
            return []
        self._waiting[slot.key] = deque()
        return [slot]

    def done(self, slot: Slot) -> tuple[list[Slot], list[Slot]]:
        """See Schedule."""
        waiting = self._waiting[slot.key]
        if waiting:
            return [slot], [waiting.popleft()]
        del self._waiting[slot.key]
        return [slot], []


class InAnyOrder:
    """Any call may begin, any outcome is told at once."""

    def add(self, slot: Slot) -> list[Slot]:
        """See Schedule."""
        return [slot]

    def done(self, slot: Slot) -> tuple[list[Slot], list[Slot]]:
        """See Schedule."""
        return [slot], []


def schedule_of(order: Order) -> Schedule:
    """The schedule that keeps an order."""
    match order:
        case Order.INPUT:
            return InInputOrder()
        case Order.KEY:
            return OneByOnePerKey()
        case Order.NONE:
            return InAnyOrder()
