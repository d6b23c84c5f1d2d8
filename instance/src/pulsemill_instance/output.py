"""What user code prints, as log records."""

import io
import logging
import threading
from typing import TextIO


class _Pending(threading.local):
    """A thread's unfinished line, and whether it is logging one now."""

    def __init__(self) -> None:
        self.text = ""
        self.logging = False


class LoggedStream(io.TextIOBase):
    """A text stream whose lines become records of the root logger. Each thread's lines stay whole."""

    def __init__(self, original: TextIO | None, level: int) -> None:
        """`original` takes what is printed while a line is being logged, such as a handler's own complaint."""
        super().__init__()
        self._original = original
        self._level = level
        self._pending = _Pending()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What text is meant to be written as."""
        return "utf-8"

    def writable(self) -> bool:
        """True."""
        return True

    def fileno(self) -> int:
        """The original stream's: other programs' output is not logged."""
        if self._original is None:
            raise io.UnsupportedOperation("fileno")
        return self._original.fileno()

    def write(self, text: str) -> int:
        """Log the lines that this text completes."""
        if self._pending.logging:
            return self._original.write(text) if self._original else len(text)
        *lines, self._pending.text = (self._pending.text + text).split("\n")
        self._log(lines)
        return len(text)

    def flush(self) -> None:
        """Log the unfinished line too."""
        if not self._pending.logging and self._pending.text:
            line, self._pending.text = self._pending.text, ""
            self._log([line])

    def _log(self, lines: list[str]) -> None:
        self._pending.logging = True
        try:
            for line in lines:
                if line.strip():
                    logging.getLogger().log(self._level, "%s", line.rstrip())
        finally:
            self._pending.logging = False
