import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulsemill_instance.log import CreatePathRotatingFileHandler, finish_output, init_logger, log_file
from pulsemill_instance.startup_errors import StartupError

INI = """[loggers]
keys=root
[handlers]
keys=file
[formatters]
keys=line
[logger_root]
level=INFO
handlers=file
[handler_file]
class=log.CreatePathRotatingFileHandler
level=INFO
formatter=line
args=(os.getenv("LOG_FILE",""), 5, 10 * 1024 * 1024)
[formatter_line]
format=<%(levelname)s> %(message)s
"""


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process's own logging and streams come back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setenv("LOG_FILE", "")
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return log_file(tmp_path / "logs", "t/ns/fn", "fn", 3)


def init(file: Path, level: str = "", ini: str | None = INI) -> None:
    config = file.parents[4] / "logging.ini"
    if ini is not None:
        config.write_text(ini)
    init_logger(level, file, config)


def test_the_file_is_upstreams(tmp_path: Path, file: Path) -> None:
    assert file == tmp_path / "logs/t/ns/fn/fn-3.log"


def test_upstreams_configuration_is_understood(file: Path) -> None:
    init(file)
    logging.getLogger(__name__).info("said")
    print("printed")
    print("complained", file=sys.stderr)
    assert file.read_text().splitlines() == ["<INFO> said", "<INFO> printed", "<ERROR> complained"]
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, CreatePathRotatingFileHandler)
    assert (handler.maxBytes, handler.backupCount, handler.mode) == (10 * 1024 * 1024, 5, "a")
    assert "log" not in sys.modules, "a user's own module log stays importable"


def test_loggers_that_exist_already_stay_enabled(file: Path) -> None:
    early = logging.getLogger("made.early")
    init(file)
    early.info("still here")
    assert "still here" in file.read_text()


def test_without_a_configuration_there_is_a_default(file: Path) -> None:
    init(file, ini=None)
    logging.getLogger(__name__).info("said")
    assert "does not exist: using the built-in logging set-up" in file.read_text()
    assert file.read_text().splitlines()[-1].endswith("[INFO] test_log.py: said")
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, CreatePathRotatingFileHandler)
    assert (handler.maxBytes, handler.backupCount) == (10 * 1024 * 1024, 5)


@pytest.mark.parametrize(("level", "shown"), [("debug", True), ("INFO", True), ("warn", False), ("fatal", False)])
def test_the_level_overrides_the_configuration(file: Path, level: str, shown: bool) -> None:
    init(file, level)
    logging.getLogger(__name__).info("said")
    assert ("said" in file.read_text()) is shown


def test_an_unknown_level_is_refused(file: Path) -> None:
    with pytest.raises(StartupError, match="--logging_level 'loud' is none of notset"):
        init(file, "loud")


@pytest.mark.parametrize(
    "ini", ["nonsense", INI.replace("log.Create", "nowhere.Create"), INI.replace("os.getenv", "?")]
)
def test_a_configuration_that_cannot_be_used_is_named(file: Path, ini: str) -> None:
    with pytest.raises(StartupError, match=r"Logging configuration .*/logging\.ini cannot be used"):
        init(file, ini=ini)


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    file = tmp_path / "file/t/ns/fn/fn-0.log"
    with pytest.raises(StartupError, match=rf"Cannot write the log {file}"):
        init_logger("", file, tmp_path / "none.ini")


def test_rotation_bounds_what_a_function_can_write(file: Path) -> None:
    handler = CreatePathRotatingFileHandler(str(file), maxBytes=1000)
    for _ in range(1000):
        handler.emit(logging.LogRecord("x", logging.INFO, "x", 1, "a" * 90, None, None))
    handler.close()
    assert sum(path.stat().st_size for path in file.parent.iterdir()) <= 6 * 1000


def test_a_half_character_is_logged_by_its_number(file: Path) -> None:
    init(file)
    logging.getLogger(__name__).info("unknown \ud83d")
    assert file.read_text() == "<INFO> unknown \\ud83d\n"


def test_the_end_logs_what_was_printed_without_the_end_of_a_line(file: Path) -> None:
    init(file)
    print("...", end="")
    print("but", end="", file=sys.stderr)
    finish_output()
    assert file.read_text().splitlines() == ["<INFO> ...", "<ERROR> but"]
