"""One worker of ours for all clients, under the process runtime, with a built-in connector and a built-in function."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.runtime_process.real_broker.workers import Worker, running_pulsemill_worker
from tests.rig.broker import Broker
from tests.rig.connectors import connector_nar

CODE = "def process(input):\n    return input + '!'\n"
FUNCTION = """name: exclaim
description: Adds a mark
functionClass: org.apache.pulsar.functions.api.examples.ExclamationFunction
"""


@pytest.fixture(scope="session")
def worker(
    broker: Broker, pulsar_home: Path, java_examples_jar: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("clients-worker")
    for kind in ("connectors", "functions"):
        (folder / kind).mkdir()
    nar = connector_nar("data-generator")
    (folder / "connectors" / nar.name).hardlink_to(nar)
    (folder / "functions/code.py").write_text(CODE)
    _write_function_nar(folder / "functions/exclaim.nar", java_examples_jar)
    with running_pulsemill_worker(folder, broker, {"PULSAR_HOME": str(pulsar_home)}, {}) as worker:
        yield worker


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Code of a function, input for it, and a place for downloads."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "code.py").write_text(CODE)
    (folder / "value").write_text("from a file")
    return folder


def _write_function_nar(place: Path, jar: Path) -> None:
    with zipfile.ZipFile(place, "w") as nar:
        nar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nNar-Id: exclaim\n")
        nar.writestr("META-INF/services/pulsar-io.yaml", FUNCTION)
        nar.mkdir("META-INF/bundled-dependencies")  # without it, Java takes the archive for a jar
        nar.write(jar, f"META-INF/bundled-dependencies/{jar.name}")
