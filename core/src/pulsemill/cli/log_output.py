"""Where log records of the worker go: standard error, coloured for people, JSON lines for programs.

Only here is structlog used; everything else logs through the standard library.
"""

import logging
import sys

import structlog
from structlog.typing import Processor


def configure_logging(*, as_json: bool, level: str) -> None:
    """Send all records to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=_processors(as_json=as_json)))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("httpx2", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _processors(*, as_json: bool) -> list[Processor]:
    steps: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    ]
    if as_json:
        return [*steps, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback
    return [*steps, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
