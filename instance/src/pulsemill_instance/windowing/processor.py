"""Calling a function with windows.

All happens in the engine's thread: it adds messages as they come, and once per turn it looks whether windows are over.
"""

import time
from collections.abc import Callable
from typing import Protocol

import attrs

from pulsemill_instance.call_guard import CallClock, RunningCall
from pulsemill_instance.consumers import Input
from pulsemill_instance.forwarding import Forwarder
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.processing import Call
from pulsemill_instance.windowing.alignment import Alignment
from pulsemill_instance.windowing.context import WindowContext
from pulsemill_instance.windowing.settings import WindowSettings
from pulsemill_instance.windowing.settlement import Record, Window, window_input
from pulsemill_instance.windowing.times import TimeOf
from pulsemill_instance.windowing.watermarks import Watermarks
from pulsemill_instance.windowing.windows import Fired, Windows


class Clock(Protocol):
    """Gives records their times, and tells how far time has come."""

    def time_of(self, record: Record) -> int | None:
        """A record's time in ms; None for one that comes too late. Raises what a user's extractor raises."""

    def now(self) -> int | None:
        """Up to when windows may end; None while that is unknown."""


def _wall_clock() -> int:
    return int(time.time() * 1000)


@attrs.define(eq=False)
class ArrivalClock:
    """The time of a record is when it came, always later than any time that was told as `now`."""

    read: Callable[[], int] = _wall_clock
    _told: int = 0
    _latest: int = 0

    def time_of(self, record: Record) -> int | None:
        """See Clock."""
        self._latest = max(self.read(), self._told + 1)
        return self._latest

    def now(self) -> int | None:
        """See Clock."""
        self._told = max(self.read(), self._told, self._latest)
        return self._told


@attrs.define(eq=False)
class EventClock:
    """The time of a record is in it; the watermark is looked at once per interval."""

    extract: TimeOf
    watermarks: Watermarks
    windows: Windows[Record]
    interval_ms: int
    read: Callable[[], int] = _wall_clock
    _watermark: int | None = None
    _next_look: int = 0

    def time_of(self, record: Record) -> int | None:
        """See Clock."""
        time_ms = self.extract(record.value, record.message)
        self.watermarks.track(record.source.topic, record.message.topic_name(), time_ms)
        return None if self._is_late(time_ms) else time_ms

    def now(self) -> int | None:
        """See Clock."""
        read, reached = self.read(), self.watermarks.watermark()
        if read >= self._next_look and reached is not None:
            self._next_look = read + self.interval_ms
            self._watermark = reached if self._watermark is None else max(reached, self._watermark)
        return self._watermark

    def _is_late(self, time_ms: int) -> bool:
        if self._watermark is None:
            return False
        return time_ms < self._watermark or (time_ms == self._watermark and time_ms == self.windows.last_end)


@attrs.define(eq=False)
class WindowProcessor:
    """A Processor for functions with windows; `call.process` takes a list of values."""

    call: Call
    settings: WindowSettings
    windows: Windows[Record]
    clock: Clock
    late: Forwarder | None
    alignment: Alignment | None
    one_by_one: bool = False
    busy: bool = False
    _call_clock: CallClock = attrs.field(factory=CallClock.of_this_thread)
    _windows_input: Input = attrs.field(factory=lambda: window_input("windows"))

    @property
    def oldest_call(self) -> RunningCall | None:
        """See Processor."""
        return self._call_clock.running

    def process(self, source: Input, messages: list[InputMessage]) -> None:
        """See Processor."""
        for message in messages:
            if self.call.stop.is_set():
                return
            self._take(source, message)
            self._end_windows()
        self.call.stats.totals.last_invocation = _wall_clock()

    def tick(self) -> None:
        """See Processor."""
        self._end_windows()
        if self.alignment is not None:
            self.alignment.apply()

    def finish(self) -> None:
        """Windows that are not over yet are not acknowledged: their messages come again."""

    def close(self) -> None:
        """See Processor."""

    def _end_windows(self) -> None:
        """Begins no further one after a request to stop: thousands may be over at once."""
        now, stop = self.clock.now(), self.call.stop
        if now is None or stop.is_set():
            return
        for fired in self.windows.advance(now):
            self._settle(fired)
            if stop.is_set():
                return

    def _take(self, source: Input, message: InputMessage) -> None:
        outcomes = self.call.outcomes
        self.call.stats.totals.received += 1
        if outcomes.policy.before_processing:
            source.acknowledge(message)
        try:
            record = Record(source, message, source.decode(message))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # user SerDes and schemas may raise anything
            outcomes.system_failed(source, message, error)
            return
        try:
            time_ms = self.clock.time_of(record)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # so may user code
            outcomes.user_failed(source, message, error)
            return
        if time_ms is None:
            self._too_late(record)
            return
        self.windows.add(time_ms, record)
        if self.alignment is not None:
            self.alignment.entered(source)

    def _too_late(self, record: Record) -> None:
        if self.late is not None:
            self.late.forward(record.source, record.message, {})
            return
        self.call.outcomes.logger.warning("A message of %s came too late for any window", record.source.topic)
        if self.call.outcomes.policy.after_output:
            record.source.acknowledge(record.message)

    def _settle(self, fired: Fired[Record]) -> None:
        if fired.items:
            length = self.settings.length_ms
            self._call(Window(fired.items, None if length is None else fired.end - length, fired.end))
        for record in fired.expired:
            self._leave(record)

    def _leave(self, record: Record) -> None:
        if self.call.outcomes.policy.after_output:
            record.leave()
        if self.alignment is not None:
            self.alignment.left(record.source)

    def _call(self, window: Window) -> None:
        call, totals = self.call, self.call.stats.totals
        values = [record.value for record in window.records]
        arguments = (values, WindowContext(call.services, window)) if call.with_context else (values,)
        self._call_clock.since = before = time.perf_counter()
        try:
            result = call.process(*arguments)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # user code may raise anything
            self._call_clock.since = None
            call.outcomes.user_failed(self._windows_input, window, error)
            return
        self._call_clock.since = None
        totals.latency_sum += (time.perf_counter() - before) * 1000
        totals.latency_count += 1
        if self._is_room():
            call.emitter.emit(self._windows_input, window, result)

    def _is_room(self) -> bool:
        """Waits for room for an output; False when the instance is to stop before that."""
        outputs = self.call.emitter.outputs
        while outputs is not None and outputs.full:
            if self.call.stop.is_set():
                return False
            outputs.wait()
        return True
