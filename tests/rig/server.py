"""A server of the rig: a process group of its own that ends with us, and a log."""

import ctypes
import http
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from tests.rig.errors import RigError

START_SECONDS = 300
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


@attrs.define
class Server:
    """A started program."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, name: str, command: Sequence[str | Path], folder: Path, environ: Mapping[str, str]) -> "Server":
        """Run a command in `folder`, with its output in `folder/NAME.log`; `environ` is added to ours."""
        log = folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 one system call, and no thread of ours holds a lock then
            )
        return cls(name, process, log)

    def wait_for(self, url: str, answer: str = "", seconds: float = START_SECONDS) -> None:
        """Return once `url` answers 200 with `answer` in its body, or asks who we are.

        Raises `RigError`, after stopping it.
        """
        deadline = time.monotonic() + seconds
        while not _answers(url, answer):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RigError(f"{self.name} did not start; the end of its log:\n{self.end_of_log()}")
            time.sleep(0.2)

    def end_of_log(self, characters: int = 3000) -> str:
        return self.log.read_text(errors="replace")[-characters:]

    def stop(self) -> None:
        """End it and all that it started."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            self._signal(signal_number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            break
        self._signal(signal.SIGKILL)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def freeze(self) -> None:
        """Stop it where it is."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _answers(url: str, answer: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 http, an address of ours
            return answer in response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code == http.HTTPStatus.UNAUTHORIZED
    except OSError:
        return False
