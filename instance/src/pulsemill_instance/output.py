"""What user code prints, as log records."""

import io
import logging
from threading import get_ident
from typing import Final, TextIO

LONGEST_LINE: Final = 8192
"""Characters; what is longer, such as a row of dots, is a record before its end comes."""


class LoggedStream(io.TextIOBase):
    """A text stream whose lines become records of the root logger. Each thread's lines stay whole."""

    def __init__(self, original: TextIO | None, level: int) -> None:
        """`original` takes what is printed while a line is being logged, such as a handler's own complaint."""
        super().__init__()
        self._original = original
        self._level = level
        self._unfinished: dict[int, str] = {}  # by thread
        self._logging: set[int] = set()  # the threads that log a line now

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
        thread = get_ident()
        if thread in self._logging:
            return self._original.write(text) if self._original else len(text)
        *lines, unfinished = (self._unfinished.pop(thread, "") + text).split("\n")
        if len(unfinished) > LONGEST_LINE:
            lines.append(unfinished)
        elif unfinished:
            self._unfinished[thread] = unfinished
        self._log(lines)
        return len(text)

    def flush(self) -> None:
        """Log the unfinished line too."""
        if get_ident() not in self._logging:
            self._log([self._unfinished.pop(get_ident(), "")])

    def finish(self) -> None:
        """Log the unfinished lines of all threads, those that have ended too."""
        for thread in list(self._unfinished):
            self._log([self._unfinished.pop(thread, "")])

    def _log(self, lines: list[str]) -> None:
        thread = get_ident()
        self._logging.add(thread)
        try:
            for line in lines:
                if line.strip():
                    logging.getLogger().log(self._level, "%s", line.rstrip())
        finally:
            self._logging.discard(thread)
