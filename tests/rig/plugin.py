"""The rig's fixtures; tests that use them carry the marker `pulsar`.

Servers are started once per run, in one process: all tests with the marker go into one group of pytest-xdist, those
that need Kubernetes too into another (see `tests.rig.kubernetes.plugin`). Each server ends with the process that
started it, even if that is killed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.rig import distribution
from tests.rig.archives import built_ins
from tests.rig.broker import Broker, MortalBroker, running_broker
from tests.rig.errors import MissingPrerequisiteError
from tests.rig.java_worker import JavaWorker, running_java_worker
from tests.rig.jvm import use_short_lived_java
from tests.rig.object_stores import S3, Gcs, running_gcs, running_s3
from tests.rig.prerequisites import require_java
from tests.rig.pulsar_admin import PulsarAdmin
from tests.rig.upstream_python import upstream_python as upstream_python_interpreter

GROUP = "pulsar"
GROUPS = (GROUP, "kubernetes")
# Starting servers counts as part of the first test that asks for them.
TEST_SECONDS = 600


def pytest_configure() -> None:
    use_short_lived_java()


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("pulsar") and not item.get_closest_marker("kubernetes"):
            item.add_marker(pytest.mark.xdist_group(GROUP))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.hookimpl(tryfirst=True)  # pytest writes down what failed in the same hook
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell `--last-failed` of tests by their own names: pytest-xdist appends their groups to them."""
    last_failed = session.config.pluginmanager.get_plugin("lfplugin")
    if last_failed is not None:
        last_failed.lastfailed = {ungrouped(name): failed for name, failed in last_failed.lastfailed.items()}


def ungrouped(name: str) -> str:
    """A test's name without the group of servers that pytest-xdist put behind it."""
    for group in GROUPS:
        name = name.removesuffix(f"@{group}")
    return name


@pytest.fixture(scope="session")
def pulsar_home() -> Path:
    """The official distribution, fetched on first use; never write into it. Skips without Java and Maven."""
    try:
        require_java()
        return distribution.pulsar_home()
    except MissingPrerequisiteError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def broker(pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A stand-alone Pulsar without authentication: `.service_url`, `.web_service_url`, `.state_storage_service_url`.

    It is everybody's: use namespaces and functions namespaces of your own, and never restart it.
    """
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="session")
def mortal_broker(pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalBroker]:
    """One for tests in which it ends; each leaves it running."""
    with running_broker(tmp_path_factory.mktemp("mortal-broker")) as broker, closing(MortalBroker(broker)) as mortal:
        yield mortal


@pytest.fixture(scope="session")
def java_worker(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaWorker]:
    """Upstream's worker under the thread runtime, on `broker`, with what `archives` builds in."""
    folder = tmp_path_factory.mktemp("java-worker")
    with running_java_worker(folder, broker, settings=built_ins(folder)) as worker:
        yield worker


@pytest.fixture(scope="session")
def java_process_worker(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaWorker]:
    """Upstream's worker under the process runtime, on `broker`."""
    with running_java_worker(tmp_path_factory.mktemp("java-process-worker"), broker, "process") as worker:
        yield worker


@pytest.fixture(scope="session")
def pulsar_admin(pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], PulsarAdmin]:
    """`pulsar_admin(web_service_url).run("functions", "list", ...)`: upstream's command line."""
    logs = tmp_path_factory.mktemp("pulsar-admin")
    return lambda web_service_url: PulsarAdmin(web_service_url, logs)


@pytest.fixture(scope="session")
def upstream_python(pulsar_home: Path) -> Path:
    """An interpreter that can run upstream's Python instance."""
    return upstream_python_interpreter()


@pytest.fixture(scope="session")
def python_instance_program(pulsar_home: Path) -> Path:
    """Upstream's python_instance_main.py."""
    return distribution.python_instance_program()


@pytest.fixture(scope="session")
def java_instance_jar(pulsar_home: Path) -> Path:
    """Upstream's java-instance.jar."""
    return distribution.java_instance_jar()


@pytest.fixture(scope="session")
def java_examples_jar(pulsar_home: Path) -> Path:
    """Upstream's example functions in Java."""
    return distribution.java_examples_jar()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A server that speaks S3's protocol."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def gcs_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gcs]:
    """A server that speaks Google Cloud Storage's protocol."""
    with running_gcs(tmp_path_factory.mktemp("gcs")) as server:
        yield server
