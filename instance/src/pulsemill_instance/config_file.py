"""The INI file that fills what the command line leaves out (--config_file)."""

import configparser
from pathlib import Path

from pulsemill_instance.startup_errors import ArgumentsError


def read_config_file(path: Path) -> dict[str, str]:
    """The options in the section DEFAULT; ArgumentsError when the file cannot be read."""
    config = configparser.ConfigParser()
    try:
        with path.open(encoding="utf-8") as lines:
            config.read_file(lines)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise ArgumentsError(f"--config_file {path} cannot be read: {_problem(error)}") from None
    return {name: _interpolated(config, name) for name in config.defaults()}


def _problem(error: Exception) -> str:
    """What is wrong with a file, without the line that is: it may hold a secret."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    line = getattr(error, "lineno", None) or next((number for number, _ in getattr(error, "errors", ())), None)
    return type(error).__name__ + (f" in line {line}" if line else "")


def _interpolated(config: configparser.ConfigParser, name: str) -> str:
    """A value as upstream reads it, or as it stands where a `%` in it means nothing."""
    try:
        return config.get("DEFAULT", name)
    except configparser.InterpolationError:
        return config.get("DEFAULT", name, raw=True)
