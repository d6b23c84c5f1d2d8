"""What the measurements beside real servers have around them: a folder, Ctrl-C, and problems told in a line."""

import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.rig.errors import RigError
from tests.rig.prerequisites import require_java


def tell(text: str) -> None:
    """Progress, on stderr."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def exit_code(name: str, measure: Callable[[Path], int | None]) -> int:
    """Measure in a temporary folder and print: what `measure` gives, 1 when a server does not start, 130 on Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: shells start background jobs with it ignored
        signal.signal(number, signal.default_int_handler)
    try:
        require_java()
        with tempfile.TemporaryDirectory(prefix=f"pulsemill-{name}-", ignore_cleanup_errors=True) as folder:
            return measure(Path(folder)) or 0
    except (RigError, TimeoutError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: everything is stopped", file=sys.stderr)
        return 130
