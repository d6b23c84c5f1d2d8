"""Upstream's connectors move real records under our worker, on a real broker: uploaded, and as built-in ones."""

import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pulsar
import pytest

from tests.plugins.runtime_process.real_broker.workers import Worker, running_pulsemill_worker
from tests.rig.broker import Broker
from tests.rig.connectors import connector_nar
from tests.rig.waiting import until

pytestmark = pytest.mark.pulsar

RECEIVE_MILLISECONDS = 180_000
LINES = [f"line {number}" for number in range(20)]


@attrs.frozen
class Connectors:
    """The sources or the sinks of a worker."""

    worker: Worker
    kind: str

    def create(self, name: str, config: Mapping[str, Any], package: Path | None = None) -> None:
        """Register one, and wait until its instance runs."""
        parts: dict[str, Any] = {f"{self.kind}Config": (None, json.dumps(config), "application/json")}
        if package:
            parts["data"] = (package.name, package.read_bytes(), "application/octet-stream")
        answer = httpx2.post(self._url(name), files=parts, timeout=60)
        assert answer.status_code == httpx2.codes.NO_CONTENT, answer.text
        until(lambda: self.status(name).get("running"), lambda: self.explain(name))

    def status(self, name: str) -> dict[str, Any]:
        """What its only instance says; empty while there is none."""
        answer = httpx2.get(f"{self._url(name)}/status", timeout=30)
        instances = answer.json().get("instances", []) if answer.is_success else []
        return instances[0]["status"] if instances else {}

    def delete(self, name: str) -> None:
        """Delete it and wait until its process is gone."""
        process = self.worker.process(name)
        httpx2.delete(self._url(name), timeout=60).raise_for_status()
        until(lambda: not process.is_alive, lambda: f"{process} of {name} outlives the {self.kind}")

    def explain(self, name: str) -> str:
        """What may tell why it does not do what it should."""
        logs = sorted((self.worker.folder / "logs").rglob(f"{name}-*"))
        return "\n".join([str(self.status(name)), *(log.read_text()[-3000:] for log in logs)])

    def _url(self, name: str) -> str:
        return f"{self.worker.web_service_url}/admin/v3/{self.kind}s/public/default/{name}"


@pytest.fixture(scope="module")
def worker(broker: Broker, pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """Our worker, with the built-in connector `data-generator`."""
    folder = tmp_path_factory.mktemp("connectors")
    (folder / "connectors").mkdir()
    shutil.copy(connector_nar("data-generator"), folder / "connectors")
    with running_pulsemill_worker(folder, broker, {"PULSAR_HOME": str(pulsar_home)}, {}) as worker:
        yield worker


@pytest.fixture(scope="module")
def client(broker: Broker) -> Iterator[pulsar.Client]:
    client = pulsar.Client(broker.service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    yield client
    client.close()


def received(consumer: pulsar.Consumer) -> bytes:
    message = consumer.receive(RECEIVE_MILLISECONDS)
    consumer.acknowledge(message)
    return bytes(message.data())


def test_an_uploaded_source_brings_the_lines_of_files(worker: Worker, client: pulsar.Client, tmp_path: Path) -> None:
    sources, name = Connectors(worker, "source"), f"lines-{uuid.uuid4().hex[:6]}"
    (tmp_path / "lines.txt").write_text("\n".join(LINES) + "\n")
    consumer = client.subscribe(f"{name}-out", "test", initial_position=pulsar.InitialPosition.Earliest)
    settings = {"inputDirectory": str(tmp_path), "keepFile": False, "fileFilter": r"[^\.].*\.txt", "minimumFileAge": 0}
    config = {"topicName": f"{name}-out", "archive": "pulsar-io-file.nar", "configs": settings}
    sources.create(name, config, connector_nar("file"))
    assert [received(consumer).decode() for _ in LINES] == LINES
    status = until(lambda: has(sources.status(name), numWritten=len(LINES)), lambda: sources.explain(name))
    assert (status["numReceivedFromSource"], status["numRestarts"]) == (len(LINES), 0)
    sources.delete(name)
    assert not (tmp_path / "lines.txt").exists()


def test_a_built_in_source_feeds_a_built_in_sink(worker: Worker, client: pulsar.Client) -> None:
    sources, sinks = Connectors(worker, "source"), Connectors(worker, "sink")
    name = f"people-{uuid.uuid4().hex[:6]}"
    sinks.create(f"{name}-sink", {"inputs": [name], "archive": "builtin://data-generator"})
    source = {"topicName": name, "archive": "builtin://data-generator", "configs": {"sleepBetweenMessages": 50}}
    sources.create(f"{name}-source", source)
    # Later than the sink: a consumer without a schema would keep the topic from getting one.
    consumer = client.subscribe(name, "test", initial_position=pulsar.InitialPosition.Earliest)
    people = [received(consumer) for _ in range(20)]
    assert all(b"@" in person for person in people)
    until(lambda: sinks.status(f"{name}-sink").get("numWrittenToSink", 0) >= 20, lambda: sinks.explain(f"{name}-sink"))
    assert sinks.status(f"{name}-sink")["numReadFromPulsar"] >= 20
    assert sinks.status(f"{name}-sink")["numSinkExceptions"] == 0
    assert sources.status(f"{name}-source")["numWritten"] >= 20
    sources.delete(f"{name}-source")
    sinks.delete(f"{name}-sink")


def has(status: Mapping[str, Any], **values: Any) -> Mapping[str, Any] | None:
    return status if all(status.get(key) == value for key, value in values.items()) else None
