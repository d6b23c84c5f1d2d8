"""Where Kubernetes looks for why a container ended; a worker shows it in the function's status."""

import contextlib
import os
from pathlib import Path
from typing import Final

FILE: Final = Path("/dev/termination-log")
LONGEST_BYTES: Final = 4096
MAIN_PROCESS: Final = 1


def leave_last_reason(reason: str) -> None:
    """Leave an instance's reason if its process is its container's: under the process runtime, that is the worker's."""
    if os.getpid() == MAIN_PROCESS:
        leave_termination_message(reason)


def leave_termination_message(reason: str, file: Path = FILE) -> None:
    """Write a reason there, as much as Kubernetes reads. Outside of a pod there is no such file and nothing is made."""
    with contextlib.suppress(OSError):
        descriptor = os.open(file, os.O_WRONLY | os.O_TRUNC)
        try:
            os.write(descriptor, reason.encode(errors="replace")[:LONGEST_BYTES])
        finally:
            os.close(descriptor)
