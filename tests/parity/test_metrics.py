"""Both workers' /metrics have the same names and labels while the same functions run."""

import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.parity.cases import CODE, Config, Sent, namespace_of
from tests.parity.comparing import Peers
from tests.parity.exchange import Part, Peer, Question
from tests.parity.metrics import names
from tests.rig.connectors import connector_nar

NO_CONTENT = 204
WAIT_SECONDS = 120
TOPICS = "persistent://{tenant}/{namespace}/measured-"
CONNECTOR = "org.apache.pulsar.io.datagenerator.DataGenerator"


@attrs.frozen
class Measured:
    """A function, source or sink that both workers run while their metrics are compared."""

    component: str
    name: str
    config: Config
    package: Path | str

    @property
    def path(self) -> str:
        return f"{namespace_of(self.component)}/measured-{self.name}"

    def parts(self) -> dict[str, Part]:
        in_memory = isinstance(self.package, str)
        code = ("exclaim.py", self.package) if in_memory else (self.package.name, self.package.read_bytes())
        return {**Sent(self.config).parts(self.component), "data": (*code, "application/octet-stream")}


def functions(java_examples_jar: Path) -> list[Measured]:
    exclaim = "org.apache.pulsar.functions.api.examples.ExclamationFunction"
    python = {"runtime": "PYTHON", "py": "exclaim.py", "className": "exclaim.Exclaim"}
    java = {"runtime": "JAVA", "jar": "x.jar", "className": exclaim}
    return [
        Measured("functions", "python", python | {"inputs": [f"{TOPICS}python-in"]}, CODE),
        Measured("functions", "java", java | {"inputs": [f"{TOPICS}java-in"]}, java_examples_jar),
    ]


def connectors() -> list[Measured]:
    nar, topic = connector_nar("data-generator"), f"{TOPICS}generated"
    source = {"className": f"{CONNECTOR}Source", "topicName": topic, "configs": {"sleepBetweenMessages": 50}}
    sink = {"className": f"{CONNECTOR}PrintSink", "inputs": [topic]}
    return [Measured("sources", "source", source, nar), Measured("sinks", "sink", sink, nar)]


def test_only_names_and_labels_count() -> None:
    text = '# TYPE a_total counter\na_total{x="1",b="2"} 5.0\na_created{x="1"} 1\n# TYPE jvm_x gauge\njvm_x 1\n'
    assert names(text) == {("a_total", "counter", ("b", "x"))}


@pytest.fixture
def measured_functions(running: Peers, java_examples_jar: Path) -> Iterator[Peers]:
    """Workers with a Python and a Java function, each of which handled a message."""
    yield from _running(running, functions(java_examples_jar))


@pytest.fixture
def measured_connectors(running: Peers, pulsar_home: Path) -> Iterator[Peers]:
    """Workers with a source and a sink, which prints what the source writes."""
    yield from _running(running, connectors())


@pytest.mark.pulsar
@pytest.mark.slow
def test_metrics_of_functions_have_the_same_names(measured_functions: Peers) -> None:
    assert "pulsar_function_received_total" in _compared(measured_functions)


@pytest.mark.pulsar
@pytest.mark.slow
def test_metrics_of_sources_and_sinks_have_the_same_names(measured_connectors: Peers) -> None:
    compared = _compared(measured_connectors)
    assert {"pulsar_source_written_total", "pulsar_sink_received_total"} <= compared


def _compared(peers: Peers) -> set[str]:
    """The names, once they are the same: a busy instance may miss a scrape, so that its metrics lack."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        upstream, ours = (_scraped(peer) for peer in (peers.upstream, peers.ours))
        if upstream == ours or time.monotonic() > deadline:
            break
        time.sleep(1)
    assert sorted(upstream - ours) == []
    assert sorted(ours - upstream) == []
    return {name for name, _, _ in ours}


def _scraped(peer: Peer) -> set[tuple[str, str, tuple[str, ...]]]:
    return names(peer.http.get("/metrics", timeout=60, follow_redirects=True).text)


def _running(peers: Peers, measured: list[Measured]) -> Iterator[Peers]:
    everywhere = [(peer, each) for peer in (peers.upstream, peers.ours) for each in measured]
    try:
        for peer, each in everywhere:
            registered = peer.ask(Question("register", "POST", each.path, parts=each.parts()))
            assert registered.status == NO_CONTENT, registered
        for peer, each in everywhere:
            _use(peer, each)
        yield peers
    finally:
        for peer, each in everywhere:
            peer.ask(Question("delete", "DELETE", each.path))


def _use(peer: Peer, measured: Measured) -> None:
    """Let it handle a message, once it runs."""
    if measured.component != "functions":
        peer.ask(Question("status", "GET", f"{measured.path}/status", until='"numRunning":1'))
        return
    trigger = Question("trigger", "POST", f"{measured.path}/trigger", parts={"data": (None, "x", None)})
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := peer.ask(trigger)).status != NO_CONTENT:
        assert time.monotonic() < deadline, answer
        time.sleep(0.5)
    peer.ask(Question("status", "GET", f"{measured.path}/status", until='"numSuccessfullyProcessed":1'))
