"""The last resort: the process ends at a set time even if its interpreter never runs another line.

faulthandler's timer is a thread of the C library that needs no interpreter lock; it prints what every thread was doing.
There is one timer per process, shared by the health watchdog and the shutdown; once a shutdown has set it, it stays.
"""

import faulthandler
import sys


class Backstop:
    """Ends the process by force (exit code 1) unless it is set again in time."""

    def __init__(self) -> None:
        self._is_final = False

    def set(self, seconds: float) -> None:
        """End the process in a number of seconds from now, unless set again."""
        if not self._is_final:
            self._arm(seconds)

    def set_finally(self, seconds: float) -> None:
        """As `set`, for the last time."""
        self._is_final = True
        self._arm(seconds)

    def _arm(self, seconds: float) -> None:
        if sys.__stderr__ is not None:
            faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)
