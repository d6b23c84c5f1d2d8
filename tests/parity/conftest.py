"""Both workers, once per run."""

from collections.abc import Iterator

import pytest

from tests.parity.comparing import Peers
from tests.parity.report import Report
from tests.parity.servers import idle_peers, process_peers
from tests.rig.broker import Broker
from tests.rig.java_worker import JavaWorker


@pytest.fixture(scope="session")
def idle(broker: Broker, java_worker: JavaWorker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """Workers for questions about configurations."""
    with idle_peers(tmp_path_factory.mktemp("idle"), broker, java_worker) as peers:
        yield peers


@pytest.fixture(scope="session")
def running(
    broker: Broker, java_process_worker: JavaWorker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peers]:
    """Workers for questions about functions that run."""
    with process_peers(tmp_path_factory.mktemp("running"), broker, java_process_worker) as peers:
        yield peers


@pytest.fixture(scope="session")
def report() -> Report:
    """Counts all comparisons of the run."""
    return Report()
