"""One thread for the guards of all instances in the process, which is there as long as there are any."""

import logging
import threading
from typing import Protocol

_LOGGER = logging.getLogger(__name__)
_LOOK_SECONDS = 10.0


class Guard(Protocol):
    """Knows how long something may take."""

    seconds: float | None
    """How long that is; None: for ever."""

    @property
    def is_blocked(self) -> bool:
        """Whether it takes longer."""

    def give_up(self) -> None:
        """Do something about it. Called once, in a thread of its own: it may take as long as it likes."""


class CallWatch:
    """Looks at guards, several times within the shortest of their times."""

    def __init__(self) -> None:
        self._guards: set[Guard] = set()
        self._changed = threading.Condition()
        self._is_running = False

    def add(self, guard: Guard) -> None:
        """Look at it from now on, if it has a time."""
        if guard.seconds is None:
            return
        with self._changed:
            self._guards.add(guard)
            self._changed.notify()
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="call watch", daemon=True).start()

    def discard(self, guard: Guard) -> None:
        """Look at it no more."""
        with self._changed:
            self._guards.discard(guard)
            self._changed.notify()

    def _run(self) -> None:
        while guards := self._next():
            for guard in guards:
                if _is_blocked(guard):
                    self.discard(guard)
                    threading.Thread(target=guard.give_up, name="blocked call", daemon=True).start()

    def _next(self) -> list[Guard]:
        with self._changed:
            if self._guards:
                self._changed.wait(min(_LOOK_SECONDS, *(guard.seconds / 4 for guard in self._guards if guard.seconds)))
            self._is_running = bool(self._guards)
            return list(self._guards)


def _is_blocked(guard: Guard) -> bool:
    """Others are to be watched on, whatever this one says."""
    try:
        return guard.is_blocked
    except Exception:
        _LOGGER.exception("Whether a call takes too long cannot be told just now")
        return False


WATCH = CallWatch()
"""The process's own."""
