"""Both workers' /metrics have the same names and labels while the same functions run."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parity.cases import CODE, Sent, namespace_of
from tests.parity.comparing import Peers
from tests.parity.exchange import Part, Peer, Question
from tests.parity.metrics import names

NO_CONTENT = 204
WAIT_SECONDS = 90
FUNCTIONS = {
    "python": {"runtime": "PYTHON", "py": "exclaim.py", "className": "exclaim.Exclaim"},
    "java": {
        "runtime": "JAVA",
        "jar": "x.jar",
        "className": "org.apache.pulsar.functions.api.examples.ExclamationFunction",
    },
}


def test_only_names_and_labels_count() -> None:
    text = '# TYPE a_total counter\na_total{x="1",b="2"} 5.0\na_created{x="1"} 1\n# TYPE jvm_x gauge\njvm_x 1\n'
    assert names(text) == {("a_total", "counter", ("b", "x"))}


@pytest.fixture
def measured(running: Peers, java_examples_jar: Path) -> Iterator[Peers]:
    """Workers with a Python and a Java function, each of which handled a message."""
    packages = {"python": ("exclaim.py", CODE), "java": ("x.jar", java_examples_jar.read_bytes())}
    peers = (running.upstream, running.ours)
    everywhere = [(peer, name) for peer in peers for name in packages]
    try:
        for peer, name in everywhere:
            _register(peer, name, (*packages[name], "application/octet-stream"))
        for peer, name in everywhere:
            _exclaim(peer, name)
        yield running
    finally:
        for peer, name in everywhere:
            peer.ask(Question("delete", "DELETE", _path(name)))


@pytest.mark.pulsar
@pytest.mark.slow
def test_metrics_have_the_same_names(measured: Peers) -> None:
    """A busy instance may miss a scrape, so that its metrics lack: there is time for another."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        upstream, ours = (_scraped(peer) for peer in (measured.upstream, measured.ours))
        if upstream == ours or time.monotonic() > deadline:
            break
        time.sleep(1)
    assert sorted(upstream - ours) == []
    assert sorted(ours - upstream) == []
    assert "pulsar_function_received_total" in {name for name, _, _ in ours}


def _scraped(peer: Peer) -> set[tuple[str, str, tuple[str, ...]]]:
    return names(peer.http.get("/metrics", timeout=60, follow_redirects=True).text)


def _register(peer: Peer, name: str, package: Part) -> None:
    topics = "persistent://{tenant}/{namespace}/measured-" + name
    config = FUNCTIONS[name] | {"inputs": [f"{topics}-in"]}
    parts = {**Sent(config).parts("functions"), "data": package}
    assert peer.ask(Question("register", "POST", _path(name), parts=parts)).status == NO_CONTENT


def _exclaim(peer: Peer, name: str) -> None:
    """Let the function handle a message, once it runs."""
    trigger = Question("trigger", "POST", _path(f"{name}/trigger"), parts={"data": (None, "x", None)})
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := peer.ask(trigger)).status != NO_CONTENT:
        assert time.monotonic() < deadline, answer
        time.sleep(0.5)
    peer.ask(Question("status", "GET", _path(f"{name}/status"), until='"numSuccessfullyProcessed":1'))


def _path(rest: str) -> str:
    return f"{namespace_of('functions')}/measured-{rest}"
