"""One process in a private folder. Everything runs on the event loop; one task per process sees it to its end."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import attrs

from acme_runtime_limited import limits
from acme_runtime_limited.config import LimitedRuntimeConfig

GRACE_SECONDS = 8.0
LAST_WORDS_BYTES = 2000


@attrs.frozen
class Program:
    """What to start: options for `pulsemill-instance`, limits, environment, and the file that its output goes to."""

    options: str = attrs.field(repr=False)
    memory_bytes: int | None
    config: LimitedRuntimeConfig
    environment: Mapping[str, str] = attrs.field(repr=False)
    output: Path


@attrs.frozen
class Files:
    """What a process is given: its folder, and descriptors of its options and of its output."""

    folder: Path
    options: int
    output: int

    @classmethod
    def prepare(cls, program: Program) -> "Files":
        """Make them. The options are only in memory, so nothing secret outlives a worker that is killed."""
        options = os.memfd_create("options")
        with os.fdopen(os.dup(options), "w") as file:
            file.write(program.options)
        program.output.parent.mkdir(parents=True, exist_ok=True)
        output = os.open(program.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        return cls(Path(tempfile.mkdtemp(prefix="acme-limited-")), options, output)

    def close(self) -> None:
        """Close the descriptors, which the process has its own of."""
        os.close(self.options)
        os.close(self.output)


class LimitedProcess:
    """A running, or ended, instance. Its folder is its home and its temporary directory, and goes with it."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, output: Path) -> None:
        self._process = process
        self._folder = folder
        self._output = output
        self._ended = asyncio.create_task(self._see_to_the_end())

    @classmethod
    async def start(cls, program: Program) -> "LimitedProcess":
        """Launch; OSError when the system refuses."""
        files = await asyncio.to_thread(Files.prepare, program)
        private = {"HOME": str(files.folder), "TMPDIR": str(files.folder)}
        try:
            process = await asyncio.create_subprocess_exec(
                *_command(program, files.options),
                cwd=files.folder,
                env={**program.environment, **private},
                pass_fds=(files.options,),
                stdin=subprocess.DEVNULL,
                stdout=files.output,
                stderr=files.output,
                start_new_session=True,
            )
        except BaseException:
            shutil.rmtree(files.folder, ignore_errors=True)
            raise
        finally:
            files.close()
        return cls(process, files.folder, program.output)

    @property
    def is_alive(self) -> bool:
        """Whether it has not been seen to its end."""
        return not self._ended.done()

    @property
    def obituary(self) -> str:
        """How it ended and what it said last. Only after its end."""
        return self._ended.result()

    async def wait(self) -> None:
        """Return once it is gone. Who stops waiting harms nobody."""
        await asyncio.shield(self._ended)

    async def stop(self) -> None:
        """Ask it to end, then make it. Idempotent."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.wait(), GRACE_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _see_to_the_end(self) -> str:
        code = await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # whatever it started
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        words = await asyncio.to_thread(self._last_words)
        return f"the instance ended with {_described(code)}{': ' if words else ''}{words}"

    def _last_words(self) -> str:
        return self._output.read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace").strip()


def _command(program: Program, options: int) -> list[str]:
    bounds = {
        "memory_bytes": program.memory_bytes,
        "open_files": program.config.open_files,
        "niceness": program.config.niceness,
    }
    limited = [sys.executable, "-I", "-S", limits.__file__, str(os.getpid()), json.dumps(bounds)]
    return [*limited, sys.executable, "-P", "-m", "pulsemill_instance", "--config_file", f"/dev/fd/{options}"]


def _described(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
