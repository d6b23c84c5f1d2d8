"""The rig's own promises: servers start on free ports, answer, restart with their data and end."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import cast

import httpx2
import pytest

from tests.rig.broker import Broker, MortalBroker
from tests.rig.cache import cached
from tests.rig.errors import RigError
from tests.rig.java_worker import JavaWorker
from tests.rig.plugin import GROUP
from tests.rig.prerequisites import java_version
from tests.rig.server import Server


@pytest.mark.pulsar
def test_the_broker_answers_on_its_own_ports(broker: Broker) -> None:
    assert {"public", "pulsar"} <= set(httpx2.get(f"{broker.web_service_url}/admin/v2/tenants").json())
    assert broker.web_service_url != "http://127.0.0.1:8080"


@pytest.mark.pulsar
def test_the_java_worker_leads_itself_on_the_broker(java_worker: JavaWorker) -> None:
    leader = httpx2.get(f"{java_worker.web_service_url}/admin/v2/worker/cluster/leader").json()
    assert leader["workerId"] == java_worker.configuration["workerId"]


@pytest.mark.pulsar
def test_upstreams_python_has_what_its_instance_imports(upstream_python: Path) -> None:
    subprocess.run([upstream_python, "-c", "import pulsar, grpc, google.protobuf, prometheus_client"], check=True)


@pytest.mark.pulsar
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one process")
def test_whatever_needs_servers_is_in_one_process(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith(f"@{GROUP}"), "pytest-xdist knows nothing of the group"


class Reluctant:
    """A broker that starts at the third try."""

    tries = 0

    def restart(self) -> "Reluctant":
        self.tries += 1
        if self.tries < 3:
            raise RigError("its last life is still registered")
        return self


def test_a_mortal_broker_tries_to_come_back_more_than_once() -> None:
    reluctant = Reluctant()
    MortalBroker(cast("Broker", reluctant)).come_back()
    assert reluctant.tries == 3


@pytest.mark.parametrize(
    ("shown", "version"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_202"', 1), ("no such thing", 0)],
)
def test_java_says_its_version(shown: str, version: int) -> None:
    assert java_version(shown) == version


def test_an_entry_of_the_cache_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSEMILL_RIG_CACHE", str(tmp_path))
    made: list[Path] = []
    for _ in range(2):
        assert cached("entry", made.append) == tmp_path / "entry"
    assert len(made) == 1


def test_a_failed_download_leaves_nothing_that_looks_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSEMILL_RIG_CACHE", str(tmp_path))

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("the network is gone")

    with pytest.raises(OSError, match="the network is gone"):
        cached("entry", fail)
    assert [entry.name for entry in tmp_path.iterdir()] == [".entry.lock"]


def test_a_server_ends_with_all_that_it_started(tmp_path: Path) -> None:
    server = Server.start("sleeper", ["sh", "-c", "sleep 100 & echo $!; wait"], tmp_path, {})
    while not (child := server.end_of_log().strip()):
        pass
    server.stop()
    assert _gone(int(child))


def test_a_server_ends_when_the_one_that_started_it_is_killed(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from tests.rig.server import Server; import time\n"
        f"print(Server.start('sleeper', ['sleep', '100'], Path({str(tmp_path)!r}), {{}}).process.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert _gone(pid)


def _gone(pid: int) -> bool:
    """Whether a process ended; it may take its parent's successor a moment to notice."""
    for _ in range(1000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except FileNotFoundError:
            return True
    return False
