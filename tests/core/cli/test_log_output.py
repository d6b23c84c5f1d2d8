"""What a worker's log looks like."""

import json
import logging
from collections.abc import Iterator

import pytest

from pulsemill.cli.log_output import configure_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave logging as it was."""
    root, pulsar = logging.getLogger(), logging.getLogger("pulsar")
    kept = root.handlers[:], root.level, pulsar.filters[:], pulsar.level
    yield
    root.handlers[:], pulsar.filters[:] = kept[0], kept[2]
    root.setLevel(kept[1])
    pulsar.setLevel(kept[3])


def test_json_lines_say_what_when_where_and_how_bad(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=True, level="info")
    logging.getLogger("pulsemill.worker").info("ready after %d s", 1, extra={"function": "t/n/f"})
    record = json.loads(capsys.readouterr().err)
    assert record.pop("timestamp").endswith("Z")
    assert record == {"event": "ready after 1 s", "level": "info", "logger": "pulsemill.worker", "function": "t/n/f"}


def test_an_exception_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=True, level="info")
    logging.getLogger("pulsemill").error("failed", exc_info=OSError("disk full"))
    [line] = capsys.readouterr().err.splitlines()
    assert "disk full" in json.loads(line)["exception"]


def test_text_is_one_line_without_colours_when_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=False, level="info")
    logging.getLogger("pulsemill.worker").warning("careful")
    [line] = capsys.readouterr().err.splitlines()
    assert "careful" in line
    assert "\x1b" not in line


def test_less_than_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=False, level="error")
    logging.getLogger("pulsemill").warning("careful")
    assert capsys.readouterr().err == ""
