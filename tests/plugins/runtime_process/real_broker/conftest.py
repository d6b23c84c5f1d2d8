import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.runtime_process.real_broker.functions import Functions
from tests.plugins.runtime_process.real_broker.workers import Worker, running_pulsemill_worker
from tests.rig.broker import Broker
from tests.rig.errors import MissingPrerequisiteError
from tests.rig.go import go_program
from tests.rig.java_worker import JavaWorker

GO_SOURCE = Path(__file__).parents[1] / "go"


@pytest.fixture(scope="session")
def java(java_process_worker: JavaWorker) -> Worker:
    """Upstream's worker."""
    return Worker(java_process_worker.web_service_url, java_process_worker.server, java_process_worker.folder)


@pytest.fixture(scope="session")
def pulsemill(broker: Broker, pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """Our worker; Python functions run on our instance, Java functions on the distribution's."""
    folder = tmp_path_factory.mktemp("pulsemill")
    with running_pulsemill_worker(folder, broker, {"PULSAR_HOME": str(pulsar_home)}, {}) as worker:
        yield worker


@pytest.fixture(scope="session")
def with_upstreams_python(
    broker: Broker,
    pulsar_home: Path,
    upstream_python: Path,
    python_instance_program: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """Our worker; every function runs on an instance of the distribution's."""
    folder = tmp_path_factory.mktemp("pulsemill-upstreams-python")
    environ = {
        "PULSAR_HOME": str(pulsar_home),
        "PATH": f"{upstream_python.parent}{os.pathsep}{os.environ['PATH']}",
    }
    factory = {"pythonInstanceLocation": str(python_instance_program)}
    with running_pulsemill_worker(folder, broker, environ, factory) as worker:
        yield worker


@pytest.fixture(scope="session")
def go_function() -> Path:
    """The program of the Go function. Skips without Go."""
    try:
        return go_program(GO_SOURCE, "exclaim")
    except MissingPrerequisiteError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def functions(java_examples_jar: Path, broker: Broker) -> Iterator[Functions]:
    """Functions in each language, and topics for them."""
    with Functions.ready(broker, java_examples_jar) as functions:
        yield functions
