import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from pulsemill_runtime_process.child import Child, describe_exit
from pulsemill_runtime_process.console import FILE_BYTES, LAST_LINES, TAIL_BYTES, Tail

Launch = Callable[..., Awaitable[Child]]
Until = Callable[[Callable[[], object]], Awaitable[object]]

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"


def runs(pid: int) -> bool:
    """Whether a process of this id exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def console(tmp_path: Path) -> Path:
    """Where the children's output goes."""
    return tmp_path / "console.out"


def output(console: Path) -> str:
    """What the children wrote so far."""
    return console.read_text() if console.exists() else ""


def bytes_in_files(console: Path) -> int:
    """The size of the console file with its predecessors."""
    return sum(file.stat().st_size for file in console.parent.glob(f"{console.name}*"))


@pytest.fixture
async def launch(console: Path) -> AsyncIterator[Launch]:
    """Starts Python code as a child; whatever still runs at the end is killed."""
    children: list[Child] = []

    async def start(code: str, **environment: str) -> Child:
        command = [sys.executable, "-c", code]
        children.append(await Child.launch(command, os.environ | environment, (), console))
        return children[-1]

    yield start
    await asyncio.gather(*(child.stop(0) for child in children))


@pytest.mark.parametrize(
    ("code", "obituary"),
    [
        ("pass", "The instance process ended with exit code 0"),
        ("import sys; sys.exit(3)", "The instance process ended with exit code 3"),
        ("import sys; sys.exit('no broker')", "The instance process ended with exit code 1: no broker"),
        ("import os; os.kill(os.getpid(), 11)", "The instance process was killed by SIGSEGV"),
    ],
)
async def test_the_obituary_says_how_it_ended_and_its_last_words(launch: Launch, code: str, obituary: str) -> None:
    child = await launch(code)
    await child.wait()
    assert not child.is_alive
    assert child.obituary == obituary


async def test_a_program_that_cannot_run_says_so(console: Path) -> None:
    folder = console.parent
    child = await Child.launch([str(folder)], os.environ, (), console)
    await child.wait()
    assert child.obituary == f"The instance process ended with exit code 1: cannot start {folder}: Permission denied"


async def test_a_polite_child_ends_at_sigterm(launch: Launch, console: Path, until: Until) -> None:
    child = await launch("import time; print(1, flush=True); time.sleep(600)")
    await until(lambda: output(console))
    await child.stop()
    assert child.obituary == "The instance process was killed by SIGTERM"


async def test_a_stubborn_child_is_killed_after_the_grace(launch: Launch, console: Path, until: Until) -> None:
    child = await launch(STUBBORN)
    await until(lambda: output(console))
    await child.stop(grace=0.1)
    assert child.obituary == "The instance process was killed by SIGKILL"


async def test_stopping_twice_at_once_and_again_is_harmless(launch: Launch) -> None:
    child = await launch("import time; time.sleep(600)")
    await asyncio.gather(child.stop(), child.stop())
    await child.stop()
    assert not child.is_alive


async def test_what_a_child_started_goes_with_it(launch: Launch, console: Path, until: Until) -> None:
    code = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).pid, flush=True)"
    child = await launch(code)
    await child.wait()
    grandchild = int(output(console).split()[0])
    await until(lambda: not runs(grandchild))


async def test_a_child_leads_a_session_of_its_own(launch: Launch, console: Path) -> None:
    child = await launch("import os; print(os.getsid(0), os.getpgid(0), flush=True)")
    await child.wait()
    assert output(console).split() == [str(child.pid), str(child.pid)]


async def test_cancelling_a_waiter_leaves_the_child_and_other_waiters_alone(launch: Launch) -> None:
    child = await launch("import time; time.sleep(600)")
    waiter = asyncio.create_task(child.wait())
    other = asyncio.create_task(child.wait())
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    assert child.is_alive
    assert not other.done()
    await child.stop()
    await other


async def test_a_flood_stays_bounded_on_disk_and_in_memory(launch: Launch, console: Path) -> None:
    lines = 3 * FILE_BYTES // 1000
    child = await launch(
        f"import sys\nfor i in range({lines}): sys.stderr.write('x' * 999 + chr(10))\nsys.exit('the end')"
    )
    await child.wait()
    assert bytes_in_files(console) <= 2 * FILE_BYTES
    assert len(child.obituary) < TAIL_BYTES + 100
    assert child.obituary.endswith("the end")


def test_a_tail_keeps_the_last_lines_that_say_something() -> None:
    tail = Tail()
    for number in range(1000):
        tail.feed(f"line {number}\r\n\n".encode())
    lines = tail.last_words().splitlines()
    assert lines == [f"line {number}" for number in range(1000 - LAST_LINES, 1000)]


def test_a_tail_takes_any_bytes() -> None:
    tail = Tail()
    tail.feed(b"\xff\0bad\n")
    assert tail.last_words() == "\N{REPLACEMENT CHARACTER}bad"


def test_an_unknown_signal_is_given_as_a_number() -> None:
    assert describe_exit(-63).startswith("The instance process was killed by ")
    assert describe_exit(-99) == "The instance process was killed by signal 99"
