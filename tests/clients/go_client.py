"""The admin client of github.com/apache/pulsar-client-go, called by the program in `go`."""

import json
import subprocess
from pathlib import Path
from typing import Any

import attrs

from tests.rig.errors import RigError
from tests.rig.go import go_program

SOURCE = Path(__file__).with_name("go")
CALL_SECONDS = 120


@attrs.frozen
class Answer:
    """What a method returned but for its error; the error's text, and its status if it is an HTTP answer."""

    results: list[Any] | None
    code: int
    error: str


@attrs.frozen
class GoClient:
    """The client with the address of a worker."""

    web_service_url: str

    def call(self, method: str, *arguments: Any) -> Answer:
        """Call a method such as `Functions.StopFunction`."""
        return Answer(**self._run(*method.split("."), json.dumps(arguments)))

    def methods(self, part: str) -> list[str]:
        """The names of all methods of a part such as `Functions`."""
        names: list[str] = self._run(part)["results"]
        return names

    def _run(self, *arguments: str) -> dict[str, Any]:
        command = [go_program(SOURCE, "client"), self.web_service_url, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=CALL_SECONDS)
        if done.returncode:
            raise RigError(f"the Go client failed with {arguments}: {done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
