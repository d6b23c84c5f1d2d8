"""Ends an instance whose function does not return.

How long is too long says `pulsemill.callTimeoutSeconds` in userConfig. A call only writes down when it began; a thread
looks at that from time to time (call_watch).
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

import attrs

from pulsemill_instance.errors import InstanceError

TIMEOUT_KEY = "pulsemill.callTimeoutSeconds"
DEFAULT_SECONDS = 3600.0
LONG_CALL_SECONDS = 60.0
_LOGGER = logging.getLogger(__name__)


@attrs.frozen
class RunningCall:
    """A call that has not returned: when its last attempt began, by `time.perf_counter`, and the thread it runs in."""

    since: float
    thread: int

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.perf_counter() - self.since


@attrs.define(eq=False)
class CallClock:
    """When the last attempt of a call began, None while there is none. Made in the thread of the call."""

    since: float | None = None
    thread: int = attrs.field(factory=threading.get_ident)

    @classmethod
    def of_this_thread(cls) -> "CallClock":
        """A new one, which is CURRENT in this thread or task from now on."""
        clock = cls()
        CURRENT.set(clock)
        return clock

    def attempt(self) -> None:
        """An attempt begins."""
        self.since = time.perf_counter()

    @property
    def running(self) -> RunningCall | None:
        """The call that has not returned. Readable from any thread."""
        return None if (since := self.since) is None else RunningCall(since, self.thread)


CURRENT: ContextVar[CallClock | None] = ContextVar("CURRENT", default=None)
"""That of the thread or task in which somebody asks."""


class Caller(Protocol):
    """What calls the function."""

    @property
    def oldest_call(self) -> RunningCall | None:
        """The call that began before all others that have not returned. Readable from any thread."""


def call_timeout(user_config: Mapping[str, Any]) -> float | None:
    """The most seconds that a call may take, None for as many as it likes; InstanceError for what is no such number."""
    seconds = user_config.get(TIMEOUT_KEY, DEFAULT_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise InstanceError(f"userConfig: {TIMEOUT_KEY} must be a number of seconds, or 0 for no limit")
    return float(seconds) or None


@attrs.define(eq=False)
class CallGuard:
    """Knows how long the calls of one instance may take, and what is to be said and done about it."""

    caller: Caller
    seconds: float | None
    on_blocked: Callable[[str], None]

    @property
    def is_blocked(self) -> bool:
        """Whether a call takes too long."""
        call = self.caller.oldest_call
        return call is not None and self.seconds is not None and call.seconds > self.seconds

    def complaint(self) -> str | None:
        """What there is to say of a call that has taken long, but not too long."""
        call = self.caller.oldest_call
        if call is None or call.seconds < LONG_CALL_SECONDS:
            return None
        end = "no limit is set" if self.seconds is None else f"after {self.seconds:g} s the instance is started again"
        return f"The function has not returned for {call.seconds:.0f} s; {end} ({TIMEOUT_KEY} in userConfig)"

    def give_up(self) -> None:
        """Tell that a call takes too long, and where it is."""
        if call := self.caller.oldest_call:
            _LOGGER.error("The function did not return; its thread is here:\n%s", _stack_of(call.thread))
        self.on_blocked(f"The function did not return within {self.seconds:g} s ({TIMEOUT_KEY})")


def _stack_of(thread: int) -> str:
    frame = sys._current_frames().get(thread)  # noqa: SLF001  # no other way to tell
    return "".join(traceback.format_stack(frame)) if frame else "it has ended"
