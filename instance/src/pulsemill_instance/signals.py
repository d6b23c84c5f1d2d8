"""SIGTERM, SIGINT and SIGHUP: the ways in which an instance is asked to stop."""

import signal
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType

from pulsemill_instance.backstop import Backstop

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STOP_LIMIT_SECONDS = 4.5
WAKE_SECONDS = 0.5


class StopRequested(BaseException):
    """Raised in the main thread by a signal that comes before the instance runs; no `except Exception` swallows it."""


class Ending:
    """What the main thread waits for: a signal, or the reason why the instance cannot go on.

    Its queue may be filled from a signal handler and from any thread without a lock that those could wait for.
    """

    def __init__(self, backstop: Backstop) -> None:
        self._backstop = backstop
        self._reasons: SimpleQueue[str | None] = SimpleQueue()
        self._is_starting = True

    def watch_signals(self) -> None:
        """Take the signals over. From the main thread only."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)

    def started(self) -> None:
        """From now on signals wake `wait`; one that has come already does so too."""
        self._is_starting = False

    def fail(self, reason: str) -> None:
        """The instance cannot go on."""
        self._reasons.put(reason)

    def wait(self) -> str | None:
        """Block until the instance must end; the reason, or None when it was asked to."""
        while True:
            with suppress(Empty):
                # With a timeout, since a signal that comes just before the thread blocks does not wake it.
                return self._reasons.get(timeout=WAKE_SECONDS)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._backstop.set_finally(STOP_LIMIT_SECONDS)
        self._reasons.put(None)  # first, for what is raised below may be swallowed, such as by a destructor
        if self._is_starting:
            self._is_starting = False
            raise StopRequested
