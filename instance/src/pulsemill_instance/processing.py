"""Calling the function for each message of a batch, one after the other, in the engine's thread."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import attrs

from pulsemill_instance.call_guard import CallClock, Caller, RunningCall
from pulsemill_instance.consumers import Input
from pulsemill_instance.context import FunctionContext
from pulsemill_instance.context_services import ContextServices
from pulsemill_instance.emitter import Emitter
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.outcomes import Outcomes
from pulsemill_instance.stats import Stats
from pulsemill_instance.stopping import Overtime, StopFlag
from pulsemill_instance.turns import Turn

TURN_SECONDS = 0.01
_SLOW_CALL_MS = 1.0
_QUICK_CALL_MS = 0.05


class Processor(Caller, Protocol):
    """Processes batches."""

    one_by_one: bool
    """Whether it wants single messages, because a batch would take long."""

    @property
    def busy(self) -> bool:
        """Whether it has something to do soon, though no message may come."""

    def process(self, source: Input, messages: list[InputMessage]) -> None:
        """Process messages until the instance is to stop; those left over are not acknowledged."""

    def tick(self) -> None:
        """Do what is due; called in each turn of the engine. Never waits."""

    def finish(self) -> None:
        """No message follows: complete what was begun, within a second or two. Not called after a fatal failure."""

    def close(self) -> None:
        """Free what it holds."""


@attrs.define(eq=False)
class Call:
    """How to call the function, and what surrounds each call."""

    process: Callable[..., Any]
    with_context: bool
    services: ContextServices
    stats: Stats
    outcomes: Outcomes
    emitter: Emitter
    overtime: Overtime

    @property
    def stop(self) -> StopFlag:
        """Whether the instance was asked to stop."""
        return self.overtime.stop


@attrs.define(eq=False)
class SyncProcessor:
    """For functions that return their result."""

    call: Call
    one_by_one: bool = False
    busy: bool = False
    _quick: bool = False
    _call_clock: CallClock = attrs.field(factory=CallClock.of_this_thread)
    _turn: Turn = attrs.field(factory=Turn)

    @property
    def oldest_call(self) -> RunningCall | None:
        """See Processor."""
        return self._call_clock.running

    def process(self, source: Input, messages: list[InputMessage]) -> None:
        """See Processor."""
        totals = self.call.stats.totals
        before = totals.latency_sum
        if self._quick:
            self._turn.begin()
        try:
            self._process(source, messages, time.perf_counter() + TURN_SECONDS)
            if self.call.emitter.outputs is not None:  # acknowledging gives the lock away too
                self.call.emitter.outputs.turn()
        finally:
            self._call_clock.since = None
            self._turn.end()
        milliseconds = (totals.latency_sum - before) / len(messages)
        self.one_by_one, self._quick = milliseconds > _SLOW_CALL_MS, milliseconds < _QUICK_CALL_MS

    def _process(self, source: Input, messages: list[InputMessage], next_turn: float) -> None:
        # Long on purpose: whatever this loop calls or looks up, it does for every message.
        call, outcomes, outputs = self.call, self.call.outcomes, self.call.emitter.outputs
        process, emit, decode = call.process, call.emitter.emit, source.decode
        totals, stopping, clock, call_clock = call.stats.totals, call.stop.is_set, time.perf_counter, self._call_clock
        acknowledge_first, services = outcomes.policy.before_processing, call.services
        for message in messages:
            if stopping() and call.overtime.is_over(source):
                return
            totals.received += 1
            if acknowledge_first:
                source.acknowledge(message)
            try:
                value = decode(message)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001  # user SerDes and schemas may raise anything
                outcomes.system_failed(source, message, error)
                continue
            call_clock.since = before = clock()
            try:
                result = (
                    process(value, FunctionContext(services, source, message)) if call.with_context else process(value)
                )
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001  # so may user code
                call_clock.since = None
                outcomes.user_failed(source, message, error)
                continue
            after, call_clock.since = clock(), None
            totals.latency_sum += (after - before) * 1000
            totals.latency_count += 1
            emit(source, message, result)
            if outputs is not None and (after > next_turn or outputs.full):
                next_turn = after + TURN_SECONDS
                self._make_room(source)
        totals.last_invocation = int(time.time() * 1000)

    def _make_room(self, source: Input) -> None:
        outputs = self.call.emitter.outputs
        if outputs is None:
            return
        outputs.turn()
        while outputs.full and not self.call.overtime.is_over(source):
            self._turn.end()
            outputs.wait()
        if self._quick:
            self._turn.begin()

    def tick(self) -> None:
        """See Processor."""

    def finish(self) -> None:
        """See Processor."""

    def close(self) -> None:
        """See Processor."""
