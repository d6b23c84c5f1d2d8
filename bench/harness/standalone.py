"""`pulsemill standalone` as a child process, with the few REST calls that tests need."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2

from harness.processes import MARK

READY_SECONDS = 30.0
REQUEST_SECONDS = 10.0
ADDRESSES = {"REST API": "web_url", "Broker": "broker_url"}


class HarnessError(Exception):
    """The worker did not do what every test needs of it."""


class StandaloneProcess:
    """One run of `pulsemill standalone` on a data directory."""

    def __init__(self, data: Path, mark: str, options: Sequence[str] = ()) -> None:
        self.started = time.monotonic()
        self.log = data.parent / "worker.log"
        self.web_url = self.broker_url = ""
        program = str(Path(sys.executable).with_name("pulsemill"))
        command = [program, "standalone", "--data", str(data), "--port", "0", *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=os.environ | {MARK: mark}
            )
        self.http = httpx2.Client(timeout=REQUEST_SECONDS, trust_env=False, verify=False)

    def wait_until_ready(self) -> float:
        """Seconds from the start until it said where it is reached."""
        assert self.process.stdout
        while not (self.web_url and self.broker_url):
            line = self.process.stdout.readline().decode()
            if not line:
                raise HarnessError(f"the worker did not start, see the end of {self.log}:\n{self.log_end()}")
            for label, attribute in ADDRESSES.items():
                if line.startswith(label):
                    setattr(self, attribute, line.removeprefix(label).strip())
        self.http.base_url = self.web_url
        return time.monotonic() - self.started

    def register(self, name: str, code: Path, config: dict[str, Any]) -> None:
        """Register a Python function in public/default."""
        whole = {"tenant": "public", "namespace": "default", "name": name} | config
        parts: dict[str, tuple[str | None, str | bytes, str]] = {
            "functionConfig": (None, json.dumps(whole), "application/json"),
            "data": (code.name, code.read_bytes(), "application/octet-stream"),
        }
        answer = self.http.post(f"/admin/v3/functions/public/default/{name}", files=parts)
        if answer.status_code >= 300:
            raise HarnessError(f"registering {name}: {answer.status_code} {answer.text}")

    def status(self, name: str) -> dict[str, Any]:
        """A function's status."""
        answer = self.http.get(f"/admin/v3/functions/public/default/{name}/status")
        return dict(answer.raise_for_status().json())

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self._let_go()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(READY_SECONDS)
        self._let_go()
        return code

    def log_end(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _let_go(self) -> None:
        self.http.close()
        if self.process.stdout:
            self.process.stdout.close()
        self.process.wait(READY_SECONDS)
