"""Upstream's command line, unmodified."""

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import attrs

from tests.rig.distribution import pulsar_home
from tests.rig.errors import RigError
from tests.rig.jvm import SHORT_LIVED

COMMAND_SECONDS = 120
SHELL_SECONDS = 240
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_EXECUTING = re.compile(r"^\[\d+/\d+] Executing .*\n", re.MULTILINE)
_EXECUTED = re.compile(r"^(\[\d+/\d+] ✖ |Goodbye!)", re.MULTILINE)


@attrs.frozen
class PulsarAdmin:
    """`pulsar-admin` with an address; a call takes about 2 s, and many calls at once hardly more."""

    web_service_url: str
    logs: Path

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run `pulsar-admin ARGUMENTS`; answers exit code, output and errors, whatever they are."""
        return self._run(
            "pulsar-admin", "--admin-url", self.web_service_url, *arguments, seconds=COMMAND_SECONDS, cwd=cwd
        )

    def run_all(self, commands: Sequence[Sequence[str]]) -> list[str]:
        """Run commands one after the other in one `pulsar-shell`; answers what each printed, errors included.

        The shell tells no exit codes: it marks every command as failed. Raises `RigError` if it does not run them all.
        """
        configuration, script = self.logs / "client.conf", self.logs / "script"
        configuration.write_text(f"webServiceUrl={self.web_service_url}\n")
        script.write_text("".join(f"admin {shlex.join(command)}\n" for command in commands))
        done = self._run("pulsar-shell", "-c", str(configuration), "-f", str(script), seconds=SHELL_SECONDS)
        answers = _EXECUTING.split(_COLOUR.sub("", done.stdout))[1:]
        if len(answers) != len(commands):
            raise RigError(f"pulsar-shell ran {len(answers)} of {len(commands)} commands:\n{done.stdout[-2000:]}")
        return [_EXECUTED.split(answer)[0] for answer in answers]

    def _run(
        self, program: str, *arguments: str, seconds: float, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        extra = f"{SHORT_LIVED} -Duser.home={self.logs}"
        merged = program == "pulsar-shell"
        return subprocess.run(
            [pulsar_home() / "bin" / program, *arguments],
            cwd=cwd,
            env={**os.environ, "PULSAR_LOG_DIR": str(self.logs), "PULSAR_EXTRA_OPTS": extra},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            text=True,
            check=False,
            timeout=seconds,
        )
