"""Turns of quick functions that share a process, as under the thread runtime.

Sending gives the interpreter's lock away for a moment. An engine that waits for it takes it each time, so that two busy
engines switch threads with every message, at twice the CPU. Engines whose functions are quick therefore take turns of a
batch each. A turn is a courtesy: who waited too long goes on without, so that a function that blocks holds up nobody.
"""

import threading

WAIT_SECONDS = 0.05
_TURN = threading.Lock()


class Turn:
    """An engine's turn; owned by its thread."""

    def __init__(self) -> None:
        self._held = False

    def begin(self) -> None:
        """Wait for the turn, not for long."""
        if not self._held:
            self._held = _TURN.acquire(timeout=WAIT_SECONDS)

    def end(self) -> None:
        """Let others have it; nothing if it was not held."""
        if self._held:
            self._held = False
            _TURN.release()
