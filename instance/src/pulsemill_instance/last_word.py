"""The end of the process behind all exit handlers.

An interpreter that ends waits for the client's threads, and these wait for a broker that is away.
"""

import atexit
import contextlib
import logging
import os
import sys


class LastWord:
    """Ends the process with `code`, once that is set, when everybody else's exit handlers have run."""

    def __init__(self) -> None:
        self.code: int | None = None
        atexit.register(self._end)  # handlers run in the order from the last to the first

    def _end(self) -> None:
        if self.code is None:
            return
        logging.shutdown()
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
        os._exit(self.code)
