"""The program `pulsemill-instance`: one instance of one function, from its command line to its exit code.

Exit code: 0 when it was asked to end and did so in time, 1 otherwise, with the reason as the last line on stderr, in
the log and, in a pod of its own, in the termination message. What happens in between, with its threads and its
shutdown, is in `program`.
"""

import logging
import os
import sys
import threading
from typing import NoReturn

from pulsemill_instance.arguments import parse_arguments
from pulsemill_instance.backstop import Backstop
from pulsemill_instance.deferred_imports import deferring
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.last_word import LastWord
from pulsemill_instance.signals import Ending, StopRequested
from pulsemill_instance.termination_message import leave_last_reason

EXIT_SECONDS = 1.0

log = logging.getLogger(__name__)


def main() -> NoReturn:
    """Run the instance that the command line describes, and end the process."""
    last_word = LastWord()
    backstop = Backstop()
    ending = Ending(backstop)
    ending.watch_signals()
    try:
        arguments = parse_arguments(sys.argv[1:])
        # The Pulsar client is most of the start-up time: signals are taken before, wrong options told before.
        with deferring():
            from pulsemill_instance.program import run  # noqa: PLC0415 - see above

        reason = run(arguments, ending, backstop)
    except StopRequested:
        reason = None
    except InstanceError as error:
        if error.__cause__ is not None:
            log.info("Cannot start, because of:", exc_info=error.__cause__)
        reason = str(error)
    except Exception as error:  # a mistake of ours: say where
        log.exception("Internal error")
        reason = f"Internal error: {type(error).__name__}: {error}"
    leave(reason, last_word)


def leave(reason: str | None, last_word: LastWord) -> NoReturn:
    """End the process; threads that user code left behind do not keep it."""
    code = last_word.code = 0 if reason is None else 1
    last_resort = threading.Timer(EXIT_SECONDS, os._exit, (code,))
    last_resort.daemon = True
    last_resort.start()
    log.log(logging.INFO if reason is None else logging.CRITICAL, "%s", reason or "Stopped")
    if reason is not None:
        print(reason, file=sys.__stderr__, flush=True)
        leave_last_reason(reason)
    sys.exit(code)
