"""`pulsemill sources` and `pulsemill sinks` with a real connector and broker: against our worker and upstream's."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pulsar
import pytest

from tests.plugins.runtime_process.real_broker.workers import running_pulsemill_worker
from tests.rig.broker import Broker
from tests.rig.connectors import connector_nar
from tests.rig.java_worker import JavaWorker
from tests.rig.waiting import until

pytestmark = [pytest.mark.pulsar, pytest.mark.slow, pytest.mark.timeout(900)]

WAIT_SECONDS = 180
NAME = "data-generator"
PROGRAM = [sys.executable, "-u", "-m", "pulsemill"]


@attrs.frozen
class Cli:
    """The command line, for one worker."""

    worker: str
    admin_url: str

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run a command that ends with an exit code; its output, or what it says on standard error."""
        environ = {**os.environ, "PULSEMILL_ADMIN_URL": self.admin_url}
        command = [*PROGRAM, *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ, timeout=WAIT_SECONDS)
        assert done.returncode == code, done
        return done.stderr if code else done.stdout

    def status(self, kind: str, name: str) -> dict[str, Any]:
        return dict(json.loads(self(kind, "status", "--name", name, "--json")))

    def until(self, name: str, kind: str, accepts: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Ask for a status until it is as it should be."""

        def accepted() -> dict[str, Any] | None:
            status = self.status(kind, name)
            return status if accepts(status) else None

        return until(accepted, lambda: str(self.status(kind, name)), WAIT_SECONDS)


@pytest.fixture(scope="module")
def ours(broker: Broker, pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """Our worker, with the built-in connector."""
    folder = tmp_path_factory.mktemp("worker")
    (folder / "connectors").mkdir()
    shutil.copy(connector_nar(NAME), folder / "connectors")
    with running_pulsemill_worker(folder, broker, {"PULSAR_HOME": str(pulsar_home)}, {}) as worker:
        yield Cli("ours", worker.web_service_url)


@pytest.fixture(params=["ours", "java_worker"])
def cli(request: pytest.FixtureRequest) -> Cli:
    found: Cli | JavaWorker = request.getfixturevalue(request.param)
    return found if isinstance(found, Cli) else Cli("java", found.web_service_url)


def runs(instances: int) -> Callable[[dict[str, Any]], bool]:
    return lambda status: status["numRunning"] == instances


def test_the_life_of_a_built_in_source(cli: Cli) -> None:
    name = ("--name", f"generated-by-{cli.worker}")
    topic = f"persistent://public/default/generated-by-{cli.worker}"
    assert NAME in cli("sources", "available-sources")
    refused = cli("sources", "create", *name, "-t", "absent", code=1)
    assert "Available sources are: [" in refused
    assert NAME in refused

    defined = ["--destination-topic-name", topic, "--source-config", '{"sleepBetweenMessages": 50}']
    assert cli("sources", "create", *name, "-t", NAME, *defined) == "Created successfully\n"
    assert name[1] in cli("sources", "list").splitlines()
    status = cli.until(name[1], "sources", lambda status: status["instances"][0]["status"]["numWritten"])
    assert status["numInstances"] == 1
    assert "1 of 1 instances run\n" in cli("sources", "status", *name)

    assert cli("sources", "stop", *name) == "Stopped successfully\n"
    cli.until(name[1], "sources", runs(0))
    assert cli("sources", "start", *name) == "Started successfully\n"
    cli.until(name[1], "sources", runs(1))
    assert cli("sources", "restart", *name) == "Restarted successfully\n"
    cli.until(name[1], "sources", runs(1))
    assert json.loads(cli("sources", "get", *name, "--json"))["archive"] == f"builtin://{NAME}"

    assert cli("sources", "delete", *name) == "Delete source successfully\n"
    assert name[1] not in cli("sources", "list").splitlines()
    assert cli("sources", "get", *name, code=1) == f"Reason: Source {name[1]} doesn't exist\n"


def test_a_sink_from_an_uploaded_archive_and_a_file(cli: Cli, tmp_path: Path) -> None:
    name, file = f"printed-by-{cli.worker}", tmp_path / "sink.yaml"
    file.write_text(f"name: {name}\ninputs: [persistent://public/default/{name}]\ncleanupSubscription: true\n")
    defined = ["--sink-config-file", str(file), "--subs-name", "mine"]
    assert cli("sinks", "create", *defined, "-a", str(connector_nar(NAME))) == "Created successfully\n"
    cli.until(name, "sinks", runs(1))
    config = json.loads(cli("sinks", "get", "--name", name, "--json"))
    assert (config["sourceSubscriptionName"], config["cleanupSubscription"]) == ("mine", True)
    assert "SINK ERRORS" in cli("sinks", "status", "--name", name, "--instance-id", "0")
    assert cli("sinks", "delete", "--name", name) == "Deleted successfully\n"


def test_a_local_run_of_a_source_writes_to_the_broker(broker: Broker, pulsar_home: Path) -> None:
    topic = "persistent://public/default/generated-locally"
    client = pulsar.Client(broker.service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    consumer = client.subscribe(topic, "test", initial_position=pulsar.InitialPosition.Earliest)
    defined = ["--name", "local", "-a", str(connector_nar(NAME)), "--destination-topic-name", topic]
    process = subprocess.Popen(
        [*PROGRAM, "sources", "localrun", *defined, "--broker-service-url", broker.service_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PULSAR_HOME": str(pulsar_home)},
        text=True,
    )
    try:
        assert consumer.receive(WAIT_SECONDS * 1000).data()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=WAIT_SECONDS)
        assert (process.returncode, "Traceback" in out) == (130, False), out
        assert "public/default/local runs (1 instances)" in out
    finally:
        process.kill()
        client.close()
