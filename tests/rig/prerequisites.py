"""What must be installed to run upstream: Java 17 or newer, and Maven to fetch the distribution."""

import re
import shutil
import subprocess

from tests.rig.errors import MissingPrerequisiteError

OLDEST_JAVA = 17


def require_java() -> None:
    """Raise `MissingPrerequisiteError` unless `java` can run Pulsar 4."""
    if shutil.which("java") is None:
        raise MissingPrerequisiteError(f"java {OLDEST_JAVA} or newer is not installed (openjdk-17-jre-headless)")
    shown = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False, timeout=60).stderr
    if java_version(shown) < OLDEST_JAVA:
        raise MissingPrerequisiteError(f"java is too old, {OLDEST_JAVA} is needed: {shown.splitlines()[:1]}")


def java_version(shown: str) -> int:
    """The major version in what `java -version` prints; 0 if it is not there.

    >>> java_version('openjdk version "17.0.15" 2025-04-15')
    17
    """
    found = re.search(r'version "(\d+)', shown)
    return int(found.group(1)) if found else 0


def require_maven() -> None:
    """Raise `MissingPrerequisiteError` unless `mvn` is there."""
    if shutil.which("mvn") is None:
        raise MissingPrerequisiteError("mvn is not installed (maven); it fetches the Pulsar distribution")
