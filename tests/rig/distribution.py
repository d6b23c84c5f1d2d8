"""The official Pulsar distribution: broker, Java worker, pulsar-admin, instances of each language, examples."""

import subprocess
import tempfile
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.maven import fetch

PULSAR_VERSION = "4.0.6"
ARTIFACT = f"org.apache.pulsar:pulsar-server-distribution:{PULSAR_VERSION}:tar.gz:bin"


def pulsar_home() -> Path:
    """The unpacked distribution (bin, conf, examples, instances, lib); fetched once, 250 MB. Never write into it."""
    return cached(f"pulsar-{PULSAR_VERSION}", _unpack)


def _unpack(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as download:
        archive = fetch(ARTIFACT, Path(download))
        subprocess.run(["tar", "xzf", archive, "-C", folder, "--strip-components=1"], check=True, timeout=600)


def java_instance_jar() -> Path:
    """The program that runs Java functions under the process runtime."""
    return pulsar_home() / "instances/java-instance.jar"


def java_examples_jar() -> Path:
    """Upstream's example functions, `org.apache.pulsar.functions.api.examples.*`."""
    return pulsar_home() / "examples/api-examples.jar"


def python_instance_program() -> Path:
    """Upstream's Python instance; `upstream_python()` runs it."""
    return pulsar_home() / "instances/python-instance/python_instance_main.py"
