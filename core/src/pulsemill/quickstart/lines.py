"""The input of a run: lines of text from a file, standard input or the bundle, and JSON records made of them.

Reading never blocks for longer than PAUSE_SECONDS, so that a run can be stopped while it waits for a silent pipe.
"""

import json
import os
import select
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import attrs

from pulsemill.errors import PulsemillError
from pulsemill.quickstart.catalog import BUNDLE

BUNDLED_TEXT = BUNDLE / "input.txt"
BUNDLED_ROUNDS = 25
"""How often the bundled text is fed, for figures that mean something."""

PATIENCE_SECONDS = 1.0
"""How long a pipe may stay silent before it counts as empty: schedulers often leave one open that nobody writes to."""

PAUSE_SECONDS = 0.2
CHUNK = 64 * 1024
MAX_LINE = 256 * 1024
"""Bytes of one message; longer lines are cut into several."""


@attrs.frozen
class Input:
    """Where lines come from: a file, read `rounds` times, or a descriptor of which `head` was read already."""

    file: Path | None = None
    rounds: int = 1
    descriptor: int = -1
    head: bytes = b""

    def lines(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[str]:
        """The lines that hold anything, without their ends, until `stopped`."""
        if self.file is None:
            yield from split(self._chunks(self.descriptor, stopped))
            return
        for _ in range(self.rounds):
            with self.file.open("rb", buffering=0) as file:
                yield from split(self._chunks(file.fileno(), stopped))

    def _chunks(self, descriptor: int, stopped: Callable[[], bool]) -> Iterator[bytes]:
        yield self.head
        while not stopped():
            ready, _, _ = select.select([descriptor], [], [], PAUSE_SECONDS)
            if not ready:
                continue
            chunk = os.read(descriptor, CHUNK)
            if not chunk:
                return
            yield chunk


def choose_input(file: Path | None, stdin: int) -> Input:
    """The given file, else what is piped in, else (a terminal, nothing, or nothing in time) the bundled text.

    `stdin` is a descriptor, -1 for none.
    """
    if file is not None:
        if not file.is_file():
            raise PulsemillError(f"the input {file} is not a file")
        return Input(file)
    head = _first_chunk(stdin) if stdin >= 0 else b""
    return Input(descriptor=stdin, head=head) if head else Input(BUNDLED_TEXT, BUNDLED_ROUNDS)


def _first_chunk(descriptor: int) -> bytes:
    try:
        if os.isatty(descriptor):
            return b""
        ready, _, _ = select.select([descriptor], [], [], PATIENCE_SECONDS)
        return os.read(descriptor, CHUNK) if ready else b""
    except OSError:  # closed, or a folder
        return b""


def split(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a stream that hold anything. At most MAX_LINE and a chunk are held."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) >= MAX_LINE:
            whole, rest = [*whole, rest], b""
        yield from _texts(whole)
    yield from _texts([rest])


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    for line in lines:
        text = line.decode(errors="replace").rstrip("\r")
        if text.strip():
            yield text


def record(number: int, line: str) -> str:
    """A JSON object for a line: the line itself if it is one, else its number and text."""
    try:
        if isinstance(json.loads(line), dict):
            return line
    except (ValueError, RecursionError):
        pass
    return json.dumps({"line": number, "text": line}, ensure_ascii=False)
