import io
import logging
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.output import LONGEST_LINE, LoggedStream


class Lines(logging.Handler):
    """Keeps what it gets and may print while it does."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.complain_to: io.TextIOBase | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        if self.complain_to is not None:
            self.complain_to.write("handler: out of order\n")


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def test_a_line_is_a_record_however_it_was_written(lines: Lines) -> None:
    stream = LoggedStream(None, logging.ERROR)
    print("one", 2, file=stream)
    print("three\nfour", end="", file=stream)
    assert lines.lines == ["one 2", "three"]
    stream.flush()
    print("   ", file=stream)
    print("100%s", file=stream)
    assert lines.lines == ["one 2", "three", "four", "100%s"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)), st.integers(1, 5))
def test_no_line_is_lost_or_torn(texts: list[str], size: int) -> None:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    stream = LoggedStream(None, logging.ERROR)
    written = "".join(f"{text}\n" for text in texts)
    for start in range(0, len(written), size):
        stream.write(written[start : start + size])
    logging.getLogger().removeHandler(handler)
    assert handler.lines == texts


def test_threads_do_not_mix_their_lines(lines: Lines) -> None:
    stream = LoggedStream(None, logging.ERROR)
    stream.write("main ")
    other = threading.Thread(target=print, args=("other",), kwargs={"file": stream})
    other.start()
    other.join()
    stream.write("thread\n")
    assert lines.lines == ["other", "main thread"]


def test_a_line_without_end_is_told_in_parts(lines: Lines) -> None:
    stream = LoggedStream(None, logging.ERROR)
    for _ in range(LONGEST_LINE + 3):
        print(".", end="", file=stream)
    assert lines.lines == ["." * (LONGEST_LINE + 1)]
    stream.flush()
    assert "".join(lines.lines) == "." * (LONGEST_LINE + 3)


def test_the_end_tells_what_every_thread_left_unfinished(lines: Lines) -> None:
    stream = LoggedStream(None, logging.ERROR)
    stream.write("main")
    other = threading.Thread(target=stream.write, args=("other",))
    other.start()
    other.join()
    stream.finish()
    stream.finish()
    assert sorted(lines.lines) == ["main", "other"]


def test_what_a_handler_prints_does_not_come_back_to_it(lines: Lines) -> None:
    original = io.StringIO()
    stream = LoggedStream(original, logging.ERROR)
    lines.complain_to = stream
    print("once", file=stream)
    assert lines.lines == ["once"]
    assert original.getvalue() == "handler: out of order\n"


def test_libraries_may_ask_a_stream_what_it_is() -> None:
    stream = LoggedStream(None, logging.INFO)
    assert (stream.isatty(), stream.writable(), stream.readable(), stream.encoding) == (False, True, False, "utf-8")
    with pytest.raises(io.UnsupportedOperation):
        stream.fileno()
