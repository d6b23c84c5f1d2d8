"""Becomes the embedded broker, after tying its life to the worker's. Run by path, without site packages, to start fast.

    python -I -S launcher.py LOCK_FILE WORKER_PID PROGRAM ARGUMENT...

The broker inherits the lock on LOCK_FILE, which names it and lives exactly as long as it does. On Linux the kernel
kills it when the worker's thread that started it ends; elsewhere a broker that outlived its worker is found by its lock
at the next start.
"""

import ctypes
import fcntl
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
EXIT_LOCKED = 75


def hold_lock(path: str) -> None:
    """Take the broker's lock for the rest of this process's life, across exec."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(EXIT_LOCKED)
    os.set_inheritable(fd, True)
    os.ftruncate(fd, 0)
    os.pwrite(fd, str(os.getpid()).encode(), 0)


def die_with(worker: int) -> None:
    """Ask the kernel for SIGTERM at the worker's death; leave at once when it died already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != worker:
        sys.exit(0)


if __name__ == "__main__":
    hold_lock(sys.argv[1])
    die_with(int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 the worker chose the program: no shell is meant to see it
