"""A child process: its session, its output, its end.

Everything runs on the event loop of the thread that launches, which has to live as long as the children do: the kernel
kills them when it ends (see launcher.py). A child leads a session of its own, so signals go to whatever it started too.
One task per child reaps it: process, then what is left of its group, then the rest of its output; the child counts as
gone after that.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pulsemill_runtime_process.console import ConsoleFile, OutputPipe, Tail

LAUNCHER = Path(__file__).with_name("launcher.py")
GRACE_SECONDS = 10.0
_STREAMS = ("stdout", "stderr")
_OUTPUT_SECONDS = 0.5
_KILL_SECONDS = 5.0


def tied_to_worker(command: Sequence[str]) -> list[str]:
    """The command line that starts `command` so that it does not outlive this process, where the system can do it."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *command]


class Child:
    """One running, or ended, child process."""

    def __init__(self, process: asyncio.subprocess.Process, pipes: Sequence[OutputPipe], console: Path) -> None:
        self._process = process
        self._pipes = pipes
        self._file = ConsoleFile(console)
        self._tails = [Tail() for _ in pipes]
        self._reaped = asyncio.create_task(self._reap(), name=f"reap-{process.pid}")

    @classmethod
    async def launch(
        cls, command: Sequence[str], environment: Mapping[str, str], pass_fds: Sequence[int], console: Path
    ) -> "Child":
        """Start a process; OSError when the system refuses."""
        pipes: list[OutputPipe] = []
        try:
            for _ in _STREAMS:
                pipes.append(await OutputPipe.open())  # noqa: PERF401 those that were opened have to be closed on failure
            process = await asyncio.create_subprocess_exec(
                *tied_to_worker(command),
                env=environment,
                pass_fds=pass_fds,
                stdin=subprocess.DEVNULL,
                stdout=pipes[0].write_descriptor,
                stderr=pipes[1].write_descriptor,
                start_new_session=True,
            )
        except BaseException:
            for pipe in pipes:
                pipe.close()
            raise
        finally:
            for pipe in pipes:
                pipe.close_write_end()
        return cls(process, pipes, console)

    @property
    def pid(self) -> int:
        """The process id, and the id of its session and group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.returncode is None

    @property
    def obituary(self) -> str:
        """How the process ended and its last words. Complete once `wait` returned."""
        how = describe_exit(self._process.returncode or 0)
        words = self._tails[-1].last_words()
        return f"{how}: {words}" if words else how

    async def wait(self) -> None:
        """Return once the process is gone and its output read. Cancelling a waiter harms nobody else."""
        await asyncio.shield(self._reaped)

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """SIGTERM to the whole group, SIGKILL after `grace` seconds; return when it is gone."""
        if self.is_alive:
            self._signal_group(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.wait(), grace)
        except TimeoutError:
            self._signal_group(signal.SIGKILL)
            await asyncio.wait_for(self.wait(), _KILL_SECONDS)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    async def _reap(self) -> None:
        reading = [asyncio.create_task(p.drain(self._file, t)) for p, t in zip(self._pipes, self._tails, strict=True)]
        await self._process.wait()
        self._signal_group(signal.SIGKILL)
        _, late = await asyncio.wait(reading, timeout=_OUTPUT_SECONDS)
        for task in late:
            task.cancel()
        for pipe in self._pipes:
            pipe.close()
        await asyncio.to_thread(self._file.close)


def describe_exit(code: int) -> str:
    """An exit code as subprocess gives it, in words."""
    if code >= 0:
        return f"The instance process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"The instance process was killed by {name}"
