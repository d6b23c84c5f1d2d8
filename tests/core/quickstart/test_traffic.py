"""Traffic through a broker that is made of queues: it ends, stalls, fails and stops as it should."""

import io
import queue
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pulsar
import pytest

from pulsemill.quickstart import traffic as traffic_module
from pulsemill.quickstart.catalog import registrations
from pulsemill.quickstart.display import Display
from pulsemill.quickstart.lines import Input
from pulsemill.quickstart.registering import QuickstartError
from pulsemill.quickstart.traffic import Traffic


@attrs.frozen
class Message:
    payload: bytes
    own: dict[str, str]

    def data(self) -> bytes:
        return self.payload

    def properties(self) -> dict[str, str]:
        return self.own


@attrs.define
class Broker:
    """Gives every input, as it is, to the output topics of the functions that read it, unless `loses` it."""

    loses: Callable[[str], bool] = lambda _topic: False
    result: Any = pulsar.Result.Ok
    topics: dict[str, queue.SimpleQueue[Message]] = attrs.field(factory=lambda: defaultdict(queue.SimpleQueue))

    def create_producer(self, topic: str, **_: Any) -> "Producer":
        return Producer(self, topic)

    def subscribe(self, topic: str, *_: Any, **__: Any) -> "Consumer":
        return Consumer(self.topics[topic])


@attrs.frozen
class Producer:
    broker: Broker
    topic: str

    def send_async(self, payload: bytes, callback: Callable[..., None], properties: dict[str, str]) -> None:
        callback(self.broker.result, None)
        for each in registrations():
            if each.example.topic == self.topic and not self.broker.loses(each.output):
                self.broker.topics[each.output].put(Message(payload, properties))


@attrs.frozen
class Consumer:
    messages: queue.SimpleQueue[Message]

    def receive(self, timeout_millis: int) -> Message:
        try:
            return self.messages.get(timeout=timeout_millis / 1000)
        except queue.Empty:
            raise pulsar.Timeout from None

    def acknowledge(self, message: Message) -> None:
        pass


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_module, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(traffic_module, "PAUSE_MILLIS", 10)


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Traffic]:
    def make(broker: Broker, lines: int = 1000, out: io.StringIO | None = None) -> Traffic:
        file = tmp_path / "input.txt"
        file.write_text("a line\n" * lines)
        display = Display(out or io.StringIO(), io.StringIO())
        return Traffic(broker, registrations(), Input(file), display, threading.Event())

    return make


def test_it_ends_when_every_function_has_answered_every_line(made: Callable[..., Traffic]) -> None:
    out = io.StringIO()
    traffic = made(Broker(), out=out)
    traffic.run()

    assert (traffic.sent, traffic.received, traffic.missing()) == (1000, 6000, {})
    assert "wordcount-thread   | a line" in out.getvalue()
    assert 'enrich-process     | {"line": 1, "text": "a line"}' in out.getvalue()


def test_no_line_at_all_is_an_end_too(made: Callable[..., Traffic]) -> None:
    traffic = made(Broker(), lines=0)
    traffic.run()

    assert (traffic.fed, traffic.sent) == (True, 0)


def test_a_function_that_does_not_answer_is_named(made: Callable[..., Traffic]) -> None:
    traffic = made(Broker(loses=lambda topic: topic == "quickstart-enrich-thread"), lines=3)

    with pytest.raises(QuickstartError, match=r"; public/default/enrich-thread lacks 3 of 3$"):
        traffic.run()


def test_no_more_lines_than_the_window_wait_for_the_slowest(made: Callable[..., Traffic]) -> None:
    traffic = made(Broker(loses=lambda topic: "lookup" in topic))

    with pytest.raises(QuickstartError):
        traffic.run()
    assert traffic.sent == traffic_module.WINDOW


def test_a_line_that_the_broker_refuses_ends_it(made: Callable[..., Traffic]) -> None:
    with pytest.raises(QuickstartError, match="the broker refused a line"):
        made(Broker(result=pulsar.Result.MessageTooBig), lines=3).run()


def test_an_output_without_the_forwarded_properties_ends_it(made: Callable[..., Traffic]) -> None:
    broker = Broker()
    broker.topics["quickstart-lookup-thread"].put(Message(b"", {}))

    with pytest.raises(QuickstartError, match="the traffic broke off"):
        made(broker, lines=3).run()


def test_it_can_be_stopped(made: Callable[..., Traffic]) -> None:
    traffic = made(Broker(loses=lambda _: True), lines=3)
    traffic.stop.set()
    traffic.run()

    assert traffic.received == 0
