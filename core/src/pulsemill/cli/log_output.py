"""Where log records of the worker go: standard error, coloured for people, JSON lines for programs.

Only here is structlog used; everything else logs through the standard library.
"""

import logging
import sys
from typing import Final

import structlog
from structlog.typing import Processor

NOTHING_YET: Final = ("Topic has no messages", "Failed to getLastMessageId: UnknownError")
"""What the Pulsar client says of a topic of the embedded broker that is new; `topic_log` takes care of it."""


def configure_logging(*, as_json: bool, level: str) -> None:
    """Send all records to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=_processors(as_json=as_json)))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("httpx2", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    pulsar = logging.getLogger("pulsar")
    pulsar.setLevel(logging.WARNING)
    pulsar.addFilter(lambda record: not any(text in record.getMessage() for text in NOTHING_YET))


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
