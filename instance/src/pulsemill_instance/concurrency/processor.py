"""Calling a function for several messages at a time.

The engine's thread takes messages, begins calls and tells outcomes; the calls run elsewhere and are put into a queue
when they are over. Calls of one batch run on while the next batch is taken, so that slow ones hold nobody up before the
order demands it.
"""

import asyncio.exceptions
import queue
import time
from collections import deque
from typing import Protocol

import attrs

from pulsemill_instance.call_guard import RunningCall
from pulsemill_instance.concurrency.schedules import Schedule, Slot
from pulsemill_instance.concurrency.settings import Concurrency, Order
from pulsemill_instance.consumers import Input
from pulsemill_instance.context import FunctionContext
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.keys import key_of
from pulsemill_instance.processing import TURN_SECONDS, Call

FINISH_SECONDS = 1.5
_AHEAD = 4
"""How many times as many messages as calls are held, so that a slow call does not let the others idle."""


class Calls(Protocol):
    """Where calls run."""

    def start(self, slots: list[Slot]) -> None:
        """Begin calls; their slots come into the queue, in lists, when they are over."""

    def check(self) -> None:
        """InstanceFatalError when calls that run can never end."""

    def close(self) -> None:
        """Begin no more."""


@attrs.define(eq=False)
class ConcurrentProcessor:
    """A Processor for several calls at a time; `done` is the queue that `calls` fills."""

    call: Call
    concurrency: Concurrency
    schedule: Schedule
    calls: Calls
    done: "queue.SimpleQueue[list[Slot]]"
    one_by_one: bool = False
    _held: int = 0
    _running: set[Slot] = attrs.field(factory=set)
    """Calls that have begun and not been looked at since."""
    _ripe: deque[Slot] = attrs.field(factory=deque)
    _over: deque[Slot] = attrs.field(factory=deque)
    """Calls whose outcomes are to be told, as soon as there is room for their outputs."""

    @property
    def busy(self) -> bool:
        """See Processor."""
        return self._held > 0

    @property
    def oldest_call(self) -> RunningCall | None:
        """See Processor."""
        clocks = [slot.clock for slot in self._running.copy() if slot.clock]  # a copy: calls begin and end meanwhile
        return min(filter(None, (clock.running for clock in clocks)), key=lambda call: call.since, default=None)

    def process(self, source: Input, messages: list[InputMessage]) -> None:
        """See Processor."""
        order = self.concurrency.order
        ahead = 1 if order is Order.NONE else _AHEAD
        for message in messages:
            while self._held >= self.concurrency.calls * ahead or self._over:
                self._begin()
                self._wait()
                if self.call.overtime.is_over(source):
                    return
            self._held += 1
            key = (source.topic, key_of(message)) if order is Order.KEY else None
            self._ripe += self.schedule.add(Slot(source, message, key))
        self.tick()

    def tick(self) -> None:
        """See Processor."""
        self.calls.check()
        self._collect()
        self._begin()

    def finish(self) -> None:
        """See Processor."""
        self._held -= len(self._ripe)
        self._ripe.clear()
        deadline = time.monotonic() + FINISH_SECONDS
        while (self._running or self._over) and time.monotonic() < deadline:
            self._wait()

    def close(self) -> None:
        """See Processor."""
        self.calls.close()

    def _begin(self) -> None:
        begun: list[Slot] = []
        is_over, most = self.call.overtime.is_over, self.concurrency.calls
        while self._ripe and len(self._running) < most and not is_over(self._ripe[0].source):
            slot = self._ripe.popleft()
            self._prepare(slot)
            self._running.add(slot)
            if slot.system_error is None:
                begun.append(slot)
            else:
                self.done.put([slot])
        if begun:
            self.calls.start(begun)

    def _prepare(self, slot: Slot) -> None:
        call, source, message = self.call, slot.source, slot.message
        call.stats.totals.received += 1
        if call.outcomes.policy.before_processing:
            source.acknowledge(message)
        try:
            value = source.decode(message)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # user SerDes and schemas may raise anything
            slot.system_error = error
            return
        context = (FunctionContext(call.services, source, message),) if call.with_context else ()
        slot.arguments = (value, *context)

    def _wait(self) -> None:
        outputs = self.call.emitter.outputs
        if outputs is not None:
            outputs.turn()
        try:
            ended = self.done.get(timeout=TURN_SECONDS)
        except queue.Empty:
            self.calls.check()
            ended = []
        for slot in ended:
            self._end(slot)
        self._collect()

    def _collect(self) -> None:
        while not self.done.empty():
            for slot in self.done.get():
                self._end(slot)
        outputs = self.call.emitter.outputs
        while self._over and not (outputs is not None and outputs.full):  # a full queue would hold up this thread
            self._held -= 1
            self._tell(self._over.popleft())

    def _end(self, slot: Slot) -> None:
        self._running.remove(slot)
        over, ripe = self.schedule.done(slot)
        self._ripe += ripe
        self._over += over

    def _tell(self, slot: Slot) -> None:
        outcomes, totals = self.call.outcomes, self.call.stats.totals
        totals.last_invocation = int(time.time() * 1000)
        if slot.system_error is not None:
            outcomes.system_failed(slot.source, slot.message, slot.system_error)
        elif slot.error is None:
            totals.latency_sum += slot.seconds * 1000
            totals.latency_count += 1
            self.call.emitter.emit(slot.source, slot.message, slot.result)
        elif _is_survivable(slot.error):
            outcomes.user_failed(slot.source, slot.message, slot.error)
        else:
            raise slot.error


def _is_survivable(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return False
    return isinstance(error, Exception | asyncio.exceptions.CancelledError)
