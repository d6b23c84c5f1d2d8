"""The quickstart's input."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.errors import PulsemillError
from pulsemill.quickstart import lines
from pulsemill.quickstart.lines import BUNDLED_ROUNDS, BUNDLED_TEXT, Input, choose_input, record, split


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\r\n\n  \ntwo")

    assert list(choose_input(file, -1).lines()) == ["one", "two"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PulsemillError, match="is not a file"):
        choose_input(tmp_path, -1)


def test_a_pipe_is_read_to_its_end(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.write(write, b"one\ntwo\n")
    source = choose_input(None, read)
    os.write(write, b"three")
    os.close(write)

    assert list(source.lines()) == ["one", "two", "three"]


def test_an_empty_or_silent_pipe_means_the_bundled_text(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PATIENCE_SECONDS", 0.0)
    bundled = Input(BUNDLED_TEXT, BUNDLED_ROUNDS)
    assert choose_input(None, pipe[0]) == bundled

    os.close(pipe[1])
    assert choose_input(None, pipe[0]) == bundled


def test_a_terminal_or_a_closed_input_means_the_bundled_text() -> None:
    master, terminal = os.openpty()
    assert choose_input(None, terminal).file == BUNDLED_TEXT
    os.close(master)
    os.close(terminal)
    assert choose_input(None, terminal).file == BUNDLED_TEXT
    assert choose_input(None, -1).file == BUNDLED_TEXT


def test_a_silent_pipe_can_be_left(pipe: tuple[int, int]) -> None:
    answers = iter([False, True])

    assert list(Input(descriptor=pipe[0], head=b"one\n").lines(lambda: next(answers))) == ["one"]


def test_the_bundle_is_read_several_times() -> None:
    once = list(Input(BUNDLED_TEXT).lines())

    assert len(once) >= 30
    assert list(Input(BUNDLED_TEXT, 3).lines()) == once * 3


@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"])), st.integers(1, 7))
def test_chunks_of_any_size_give_the_same_lines(text: str, size: int) -> None:
    data = f"{text}\nmiddle\n{text}".encode()
    chunks = [data[start : start + size] for start in range(0, len(data), size)]

    expected = [line for line in (text, "middle", text) if line.strip()]
    assert list(split(chunks)) == expected


def test_a_line_without_end_is_cut() -> None:
    pieces = list(split([b"x" * 1000] * 1000))

    assert sum(map(len, pieces)) == 1_000_000
    assert max(map(len, pieces)) <= lines.MAX_LINE + 1000


def test_json_objects_stay_and_text_becomes_one() -> None:
    assert record(1, '{"a": 1}') == '{"a": 1}'
    for line in ("words", "[1]", "7", '"text"', "[" * 100_000):
        assert json.loads(record(2, line)) == {"line": 2, "text": line}
