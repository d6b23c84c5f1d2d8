"""Loads the configuration for a command that runs a worker, and logs once what was noticed about it."""

import logging
import os
from pathlib import Path
from typing import Final

from pulsemill.config.findings import Origins, Severity, errors
from pulsemill.config.loader import read_worker_config
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError

LEVELS: Final = {
    Severity.INFO: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.ERROR: logging.ERROR,
}

logger = logging.getLogger(__name__)


def load(file: Path | None, *, strict: bool) -> tuple[WorkerConfig, Origins]:
    """The configuration and where its values came from; ConfigurationError with everything that is wrong."""
    loaded = read_worker_config(file, os.environ, strict=strict)
    if loaded.config is None:
        raise ConfigurationError("\n".join(each.located(loaded.origins.file) for each in errors(loaded.findings)))
    for finding in loaded.findings:
        logger.log(LEVELS[finding.severity], "%s", finding.located(loaded.origins.file))
    return loaded.config, loaded.origins
