"""Locks that die with their holder."""

import os
import subprocess
import sys
from pathlib import Path

from pulsemill.broker.file_lock import FileLock

HOLD = """
import sys
from pathlib import Path
from pulsemill.broker.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_only_one_has_it_and_is_named(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    assert second.holder() == os.getpid()
    first.release()
    first.release()
    assert second.acquire()
    second.release()


def test_nobody_holds_what_nobody_took(tmp_path: Path) -> None:
    assert FileLock(tmp_path / "lock").holder() is None


def test_the_death_of_its_holder_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = FileLock(path)
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not lock.acquire()
        assert lock.holder() == holder.pid
        holder.kill()
    assert lock.acquire()
    lock.release()
