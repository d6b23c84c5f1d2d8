"""Fetches artifacts from Maven Central."""

import subprocess
from pathlib import Path

from tests.rig.errors import RigError
from tests.rig.prerequisites import require_maven

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
SETTINGS = Path(__file__).with_name("maven-settings.xml")
DOWNLOAD_SECONDS = 900


def fetch(artifact: str, folder: Path) -> Path:
    """Put `group:artifact:version[:type[:classifier]]` into `folder`; answers the file. Raises `RigError`."""
    require_maven()
    folder.mkdir(parents=True, exist_ok=True)
    _maven(f"{PLUGIN}:get", f"-Dartifact={artifact}", "-Dtransitive=false")
    _maven(f"{PLUGIN}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}")
    return next(folder.glob(f"{artifact.split(':')[1]}-*"))


def _maven(*arguments: str) -> None:
    command = ["mvn", "--quiet", "--batch-mode", "--settings", str(SETTINGS), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS)
    if done.returncode:
        raise RigError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
