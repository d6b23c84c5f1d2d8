"""Upstream's command line, unmodified."""

import os
import subprocess
from pathlib import Path

import attrs

from tests.rig.distribution import pulsar_home

COMMAND_SECONDS = 120


@attrs.frozen
class PulsarAdmin:
    """`pulsar-admin` with an address; a call takes about 3 s."""

    web_service_url: str
    logs: Path

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run `pulsar-admin ARGUMENTS`; answers exit code, output and errors, whatever they are."""
        return subprocess.run(
            [pulsar_home() / "bin/pulsar-admin", "--admin-url", self.web_service_url, *arguments],
            cwd=cwd,
            env={**os.environ, "PULSAR_LOG_DIR": str(self.logs)},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
