"""Ends an instance whose worker no longer asks for its health: nobody would ever stop it.

Upstream: three intervals without a HealthCheck. One thread waits for that; should it not get the interpreter because
user code never lets go of it, the backstop ends the process a little later.
"""

import threading
import time
from collections.abc import Callable

from pulsemill_instance.backstop import Backstop

MISSED_CHECKS = 3
BACKSTOP_SECONDS = 1.5


class HealthWatchdog:
    """Calls `on_silence(reason)` once after three intervals (seconds) without a check; never for intervals <= 0."""

    def __init__(self, interval: float, on_silence: Callable[[str], None], backstop: Backstop) -> None:
        self._limit = interval * MISSED_CHECKS
        self._on_silence = on_silence
        self._backstop = backstop
        self._last_check = time.monotonic()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        if self._limit > 0:
            self.check()
            threading.Thread(target=self._watch, name="health-watchdog", daemon=True).start()

    def check(self) -> None:
        """A HealthCheck has come."""
        self._last_check = time.monotonic()
        if self._limit > 0 and not self._stopped.is_set():
            self._backstop.set(self._limit + BACKSTOP_SECONDS)

    def stop(self) -> None:
        """Watch no longer."""
        self._stopped.set()

    def _watch(self) -> None:
        remaining = self._limit
        while not self._stopped.wait(remaining):
            remaining = self._last_check + self._limit - time.monotonic()
            if remaining <= 0:
                self._on_silence(f"No HealthCheck from the worker for {self._limit:g} s, it is gone")
                return
