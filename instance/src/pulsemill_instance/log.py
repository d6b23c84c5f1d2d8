"""An instance's log. The module's name is part of the interface: upstream's INI files say `log.CreatePath...Handler`.

Upstream: log.py of the Python instance. After `init_logger` everything ends in the root logger's handlers: user code's
records, our own, and what anyone prints (standard output at INFO, standard error at ERROR).
"""

import logging
import logging.config
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pulsemill_instance.output import LoggedStream
from pulsemill_instance.startup_errors import StartupError

DATE_FORMAT = "%Y-%m-%d %H:%M:%S %z"
FILE_FORMAT = "[%(asctime)s] [%(levelname)s] %(filename)s: %(message)s"
MAX_BYTES = 10 * 1024 * 1024
BACKUPS = 5

LEVELS = {
    "notset": logging.NOTSET,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "fatal": logging.CRITICAL,
}


class CreatePathRotatingFileHandler(RotatingFileHandler):
    """A rotating file whose folder is made first. INI files pass the arguments by position, in this order."""

    def __init__(
        self,
        filename: str,
        mode: str = "a",
        maxBytes: int = MAX_BYTES,  # noqa: N803 - the name that INI files may use
        backupCount: int = BACKUPS,  # noqa: N803 - the name that INI files may use
        encoding: str | None = None,
        delay: bool = False,
    ) -> None:
        Path(filename).parent.mkdir(parents=True, exist_ok=True)
        super().__init__(filename, "a", maxBytes, backupCount, encoding or "utf-8", delay, "backslashreplace")


def log_file(directory: Path, fully_qualified_name: str, file: str, instance_id: int) -> Path:
    """`<directory>/<tenant>/<namespace>/<name>/<file>-<instance id>.log`."""
    return directory / fully_qualified_name / f"{file}-{instance_id}.log"


def init_logger(level: str, file: Path, config_file: Path) -> None:
    """Set the root logger up from an INI file (with the environment's LOG_FILE), or with a default of our own."""
    os.environ["LOG_FILE"] = str(file)
    try:
        if config_file.is_file():
            _read_ini(config_file)
        else:
            _set_default(file)
            logging.getLogger(__name__).warning("%s does not exist: using the built-in logging set-up", config_file)
    except OSError as error:
        raise StartupError(f"Cannot write the log {file}: {error.strerror or error}") from error
    _set_level(level)
    sys.stdout = LoggedStream(sys.stdout, logging.INFO)
    sys.stderr = LoggedStream(sys.stderr, logging.ERROR)


def finish_output() -> None:
    """Log what was printed without the end of its line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, LoggedStream):
            stream.finish()


def _read_ini(config_file: Path) -> None:
    """As logging's fileConfig, where `log.X` is X of this module."""
    sys.modules["log"] = sys.modules[__name__]
    try:
        logging.config.fileConfig(config_file, disable_existing_loggers=False)
    except OSError:
        raise
    except Exception as error:  # fileConfig evaluates the file and raises whatever that raises
        raise StartupError(f"Logging configuration {config_file} cannot be used: {error!r}") from error
    finally:
        del sys.modules["log"]


def _set_default(file: Path) -> None:
    handler = CreatePathRotatingFileHandler(str(file))
    handler.setFormatter(logging.Formatter(FILE_FORMAT, DATE_FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def _set_level(level: str) -> None:
    if not level:
        return
    if level.lower() not in LEVELS:
        raise StartupError(f"--logging_level {level!r} is none of {', '.join(LEVELS)}")
    root = logging.getLogger()
    root.setLevel(LEVELS[level.lower()])
    for handler in root.handlers:
        handler.setLevel(LEVELS[level.lower()])
