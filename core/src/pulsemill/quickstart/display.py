"""What a run prints while it goes: the first outputs of each function as they arrive, then how far it is.

Any thread may call `output`; a lock keeps lines whole.
"""

import threading
import time
from typing import TextIO

import attrs

SHOWN_PER_FUNCTION = 12
LINE_WIDTH = 110
PROGRESS_SECONDS = 2.0


@attrs.define
class Display:
    """Writes outputs to one stream and progress to another, both bounded whatever the input's size."""

    out: TextIO
    err: TextIO
    shown: int = SHOWN_PER_FUNCTION
    width: int = LINE_WIDTH
    _printed: dict[str, int] = attrs.field(factory=dict, init=False)
    _next_progress: float = attrs.field(default=-1.0, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def say(self, text: str) -> None:
        """Print a line of the run itself."""
        with self._lock:
            self.out.write(f"{text}\n")
            self.out.flush()

    def output(self, function: str, text: str) -> None:
        """Print an output, if it is among the first of its function; the last one printed says that more follow."""
        count = self._printed.get(function, 0)
        if count > self.shown:
            return
        self._printed[function] = count + 1
        self.say(f"{function:18} | {shorten(text, self.width) if count < self.shown else '... (more, not shown)'}")

    def progress(self, sent: int, received: int, expected: int) -> None:
        """Tell how far the run is, at most every PROGRESS_SECONDS, and not for runs that are over before."""
        now = time.monotonic()
        if self._next_progress < 0:
            self._next_progress = now + PROGRESS_SECONDS
        if now < self._next_progress:
            return
        self._next_progress = now + PROGRESS_SECONDS
        with self._lock:
            self.err.write(f"... {sent} lines sent, {received} of {expected} outputs received\n")
            self.err.flush()


def shorten(text: str, width: int) -> str:
    """A text on one line of at most so many characters, without anything that could steer a terminal."""
    clean = "".join(character if character.isprintable() else " " for character in text[: width + 1])
    return clean if len(clean) <= width else f"{clean[: width - 1]}…"
