"""The log of one instance inside the worker's: named, and bounded so that no function drowns the others."""

import logging
import time

from pulsemill.names import InstanceName

PARENT = "pulsemill.functions"
RECORDS_PER_SECOND = 500


class FloodFilter(logging.Filter):
    """Lets a number of records through per second and then says how many it dropped."""

    def __init__(self, records_per_second: int = RECORDS_PER_SECOND) -> None:
        super().__init__()
        self._allowed = records_per_second
        self._second = 0
        self._seen = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record may pass. Races between a function's threads cost a record at most."""
        second = int(time.monotonic())
        dropped = 0
        if second != self._second:
            dropped = max(0, self._seen - self._allowed)
            self._second, self._seen = second, 0
        self._seen += 1
        if dropped:
            record.msg = f"{record.getMessage()} [{dropped} records before this were dropped: too many per second]"
            record.args = None
        return self._seen <= self._allowed


class _Forwarder(logging.Handler):
    """Passes records on to the worker's loggers."""

    def emit(self, record: logging.LogRecord) -> None:
        parent = logging.getLogger(PARENT)
        if parent.isEnabledFor(record.levelno):
            parent.handle(record)


def instance_logger(name: InstanceName) -> logging.Logger:
    """A logger for one instance, known to nobody else: it goes with the instance."""
    level = min(logging.INFO, logging.getLogger(PARENT).getEffectiveLevel())
    logger = logging.Logger(f"{PARENT}.{name}", level)  # noqa: LOG001 - logging never forgets those it registers
    forwarder = _Forwarder()
    forwarder.addFilter(FloodFilter())
    logger.addHandler(forwarder)
    return logger
