"""Ends an instance whose function does not return: `pulsemill.callTimeoutSeconds` in userConfig.

Without it calls may take as long as they like, and are not watched. The calls' threads write down when they began; one
thread looks for those that take too long, says so once, and ends.
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from pulsemill_instance.errors import InstanceError

TIMEOUT_KEY = "pulsemill.callTimeoutSeconds"
_LOOK_SECONDS = 1.0
_LOGGER = logging.getLogger(__name__)


def call_timeout(user_config: Mapping[str, Any]) -> float | None:
    """The most seconds that a call may take, None for as many as it likes; InstanceError for what is no such number."""
    seconds = user_config.get(TIMEOUT_KEY)
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise InstanceError(f"userConfig: {TIMEOUT_KEY} must be a number above 0")
    return float(seconds)


@attrs.define(eq=False)
class CallGuard:
    """Watches calls; `on_blocked(reason)` is called once, from the guard's thread, when one takes too long."""

    seconds: float
    on_blocked: Callable[[str], None]
    _running: dict[object, tuple[float, int]] = attrs.field(factory=dict)
    _closed: threading.Event = attrs.field(factory=threading.Event)

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._watch, name="call guard", daemon=True).start()

    def close(self) -> None:
        """Watch no longer."""
        self._closed.set()

    def wrap(self, process: Callable[..., Any], *, is_async: bool) -> Callable[..., Any]:
        """The function with its calls being watched."""

        def call(*arguments: Any) -> Any:
            token = self._enter()
            try:
                return process(*arguments)
            finally:
                del self._running[token]

        async def call_async(*arguments: Any) -> Any:
            token = self._enter()
            try:
                return await process(*arguments)
            finally:
                del self._running[token]

        return call_async if is_async else call

    def _enter(self) -> object:
        token = object()
        self._running[token] = time.monotonic(), threading.get_ident()
        return token

    def _watch(self) -> None:
        while not self._closed.wait(min(_LOOK_SECONDS, self.seconds / 4)):
            latest = time.monotonic() - self.seconds
            blocked = [thread for began, thread in list(self._running.values()) if began < latest]
            if blocked:
                _LOGGER.error("The function did not return; its thread is here:\n%s", _stack_of(blocked[0]))
                self.on_blocked(f"The function did not return within {self.seconds:g} s ({TIMEOUT_KEY})")
                return


def _stack_of(thread: int) -> str:
    return "".join(traceback.format_stack(sys._current_frames().get(thread)))  # noqa: SLF001  # no other way to tell
