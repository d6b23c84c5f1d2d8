"""Becomes an instance, after tying its life to the worker's. Run by path, without site packages, to start fast.

    python -I -S launcher.py WORKER_PID PROGRAM ARGUMENT...

On Linux the kernel kills the instance when the worker's thread that started it ends, however the worker died. Elsewhere
the instance's own watchdog ends it when health checks stay away. When the machine runs out of memory, Linux ends an
instance before the worker and the broker.
"""

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
EXIT_NOT_STARTED = 127
OOM_SCORE = 500


def die_with(worker: int) -> None:
    """Ask the kernel for SIGKILL at the worker's death; leave at once when it died already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != worker:
        sys.exit(EXIT_NOT_STARTED)


def be_first_out_of_memory() -> None:
    """Become the kernel's choice when memory runs out, this process and what it starts."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 pathlib takes 10 ms
        file.write(str(OOM_SCORE))


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    be_first_out_of_memory()
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 no shell is meant to see the command line
    except OSError as error:
        sys.exit(f"cannot start {sys.argv[2]}: {error.strerror}")
