"""When an instance that was asked to stop takes no further message."""

import time
from collections.abc import Callable
from typing import Protocol

import attrs

OVERTIME_SECONDS = 1.5


class StopFlag(Protocol):
    """Whether the instance was asked to stop."""

    def is_set(self) -> bool:
        """True once it was."""


class Debtor(Protocol):
    """An input."""

    @property
    def owed(self) -> bool:
        """Whether messages are acknowledged that were not processed yet."""


@attrs.define(eq=False)
class Overtime:
    """After a request to stop an instance goes on, for a while, with what it has acknowledged already."""

    stop: StopFlag
    clock: Callable[[], float] = time.monotonic
    _asked: float | None = None

    def is_over(self, source: Debtor) -> bool:
        """Whether no further message of an input may be processed."""
        if not self.stop.is_set():
            return False
        if self._asked is None:
            self._asked = self.clock()
        return not source.owed or self.clock() >= self._asked + OVERTIME_SECONDS

    def left(self, seconds: float) -> float:
        """What is left of so many seconds that began when the request to stop was first seen."""
        return seconds if self._asked is None else max(0.0, self._asked + seconds - self.clock())
