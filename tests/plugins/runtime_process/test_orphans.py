"""No instance outlives its worker, however that one dies."""

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pulsemill_runtime_process.child import LAUNCHER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")

WORKER = """
import asyncio, os, sys
from pathlib import Path
from pulsemill_runtime_process.child import Child

async def main():
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = await Child.launch(command, os.environ, (), Path(sys.argv[1]))
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


def ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody has reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def start_worker(console: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WORKER, str(console)], stdout=subprocess.PIPE, text=True)


async def test_a_worker_that_is_killed_takes_its_instances_along(
    tmp_path: Path, until: Callable[[Callable[[], bool]], Awaitable[bool]]
) -> None:
    with start_worker(tmp_path / "console.out") as worker:
        assert worker.stdout
        instance = int(worker.stdout.readline())
        assert not ended(instance)
        worker.kill()
    await until(lambda: ended(instance))


def test_an_instance_does_not_start_for_a_worker_that_is_gone(tmp_path: Path) -> None:
    not_the_parent = 1 if os.getpid() != 1 else 2
    command = [sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')"]
    finished = subprocess.run([sys.executable, "-I", "-S", LAUNCHER, str(not_the_parent), *command], check=False)
    assert finished.returncode == 127
    assert not (tmp_path / "ran").exists()


def test_an_instance_is_the_first_to_go_when_memory_runs_out() -> None:
    code = "print(open('/proc/self/oom_score_adj').read())"
    command = [sys.executable, "-I", "-S", LAUNCHER, str(os.getpid()), sys.executable, "-c", code]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(output) == 500


def test_the_launcher_becomes_the_program_with_its_arguments_and_environment() -> None:
    code = "import os, sys; print(os.getpid(), sys.argv[1:], os.environ['WORD'])"
    command = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), sys.executable, "-c", code, "a b", "'c'"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"WORD": "hi"}, text=True)
    output, _ = process.communicate(timeout=10)
    assert output == f"{process.pid} ['a b', \"'c'\"] hi\n"
