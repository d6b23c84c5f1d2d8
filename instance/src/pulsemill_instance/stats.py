"""The figures of one instance.

The instance's thread is the only writer of `totals`; it adds plain numbers and takes no lock. Readers take copies. A
reset moves a baseline, never a total. Only the rarely touched parts (exceptions, user metrics, baselines) are behind a
lock.
"""

import threading
import time
from collections import deque

import attrs

from pulsemill_instance.told import MESSAGE_BYTES, told

WINDOW_SECONDS = 60.0
LATEST_EXCEPTIONS = 10


@attrs.define
class Totals:
    """Counters since the start; latencies in ms, of successful calls only; `last_invocation` in ms since the epoch."""

    received: int = 0
    processed: int = 0
    user_exceptions: int = 0
    system_exceptions: int = 0
    latency_sum: float = 0.0
    latency_count: int = 0
    last_invocation: int = 0

    def since(self, base: "Totals") -> "Totals":
        """What was added after `base`."""
        return Totals(
            self.received - base.received,
            self.processed - base.processed,
            self.user_exceptions - base.user_exceptions,
            self.system_exceptions - base.system_exceptions,
            self.latency_sum - base.latency_sum,
            self.latency_count - base.latency_count,
            self.last_invocation,
        )

    @property
    def average_latency(self) -> float:
        """Mean latency in ms, 0 without a call."""
        return self.latency_sum / self.latency_count if self.latency_count else 0.0


@attrs.frozen
class ExceptionRecord:
    """An exception as the status shows it: its text, its message, and when, in ms since the epoch."""

    text: str
    message: str
    at_ms: int


@attrs.define
class UserMetric:
    """Sum and number of a metric's values."""

    sum: float = 0.0
    count: int = 0


class ExceptionLog:
    """The latest exceptions of a kind, and the bounded set of messages shown to Prometheus."""

    LABELS = 50
    LABEL_LENGTH = 200
    NEW_LABELS_PER_WINDOW = 5

    def __init__(self) -> None:
        self.latest: deque[ExceptionRecord] = deque(maxlen=LATEST_EXCEPTIONS)
        self.labels: dict[str, int] = {}
        self._window = 0.0
        self._new_in_window = 0

    def add(self, text: str, message: str, now: float) -> None:
        """Remember an exception seen at `now` (seconds since the epoch)."""
        at_ms = int(now * 1000)
        message = told(message, MESSAGE_BYTES)
        self.latest.append(ExceptionRecord(told(text), message, at_ms))
        if now - self._window >= WINDOW_SECONDS:
            self._window, self._new_in_window = now, 0
        label = message[: self.LABEL_LENGTH]
        if label not in self.labels and self._new_in_window < self.NEW_LABELS_PER_WINDOW:
            self._new_in_window += 1
            self.labels[label] = at_ms
            if len(self.labels) > self.LABELS:
                del self.labels[next(iter(self.labels))]


@attrs.frozen
class Snapshot:
    """A consistent copy of all figures."""

    totals: Totals
    last_minute: Totals
    user_metrics: dict[str, UserMetric]
    user_exceptions: tuple[ExceptionRecord, ...]
    system_exceptions: tuple[ExceptionRecord, ...]
    user_error_labels: tuple[str, ...]
    system_error_labels: tuple[str, ...]


class Stats:
    """All figures of an instance, behind what upstream's status, metrics and scrape need."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.created = time.time()
        self._lock = threading.Lock()
        self._window_start = time.monotonic()
        self._window_base = Totals()
        self._user_metrics: dict[str, UserMetric] = {}
        self._user_exceptions = ExceptionLog()
        self._system_exceptions = ExceptionLog()

    def user_exception(self, text: str, message: str) -> None:
        """Count an exception that the function raised."""
        self.totals.user_exceptions += 1
        with self._lock:
            self._user_exceptions.add(text, message, time.time())

    def system_exception(self, text: str, message: str, *, count: int = 1) -> None:
        """Count `count` messages that failed outside of the function for one reason."""
        self.totals.system_exceptions += count
        with self._lock:
            self._system_exceptions.add(text, message, time.time())

    def record_metric(self, name: object, value: float) -> None:
        """Add a value to a metric of the function's own; TypeError for what is no number."""
        text = told(str(name), MESSAGE_BYTES)
        with self._lock:
            metric = self._user_metrics.setdefault(text, UserMetric())
            metric.sum = float(metric.sum + value)
            metric.count += 1

    def tick(self) -> None:
        """Start a new one-minute window when the last is over; cheap enough for every turn of the loop."""
        if self._window_is_over():
            with self._lock:
                if self._window_is_over():
                    self._start_window()

    def reset(self) -> None:
        """Zero the one-minute figures and the function's own metrics."""
        with self._lock:
            self._start_window()
            self._user_metrics = {}

    def snapshot(self) -> Snapshot:
        """A copy for a reader of another thread."""
        self.tick()
        with self._lock:
            totals = attrs.evolve(self.totals)
            return Snapshot(
                totals,
                totals.since(self._window_base),
                {name: attrs.evolve(metric) for name, metric in self._user_metrics.items()},
                tuple(self._user_exceptions.latest),
                tuple(self._system_exceptions.latest),
                tuple(self._user_exceptions.labels),
                tuple(self._system_exceptions.labels),
            )

    def _window_is_over(self) -> bool:
        return time.monotonic() - self._window_start >= WINDOW_SECONDS

    def _start_window(self) -> None:
        self._window_start = time.monotonic()
        self._window_base = attrs.evolve(self.totals)
