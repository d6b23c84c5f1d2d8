"""Puts limits on itself and becomes the instance. Run by path: it uses nothing but the standard library.

python -I -S limits.py WORKER_PID LIMITS_AS_JSON PROGRAM ARGUMENT...
"""

import ctypes
import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


def apply(limits: dict[str, int | None]) -> None:
    """Limit this process. Everything here outlives the exec, and cannot be taken back without privileges."""
    memory, open_files = limits["memory_bytes"], limits["open_files"] or 0
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(limits["niceness"] or 0)
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def die_with(worker: int) -> None:
    """Ask the kernel to end this process with its worker."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != worker:
        sys.exit("the worker is gone")


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    apply(json.loads(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 # no shell between the worker and the instance
