"""What the status of a running instance says while something keeps it from its work."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

pytestmark = pytest.mark.embedded

TO_SEVERAL = json.dumps({"pulsemill.concurrency": 2, "pulsemill.order": "none"})
IN_WINDOWS = json.dumps({"__WINDOWCONFIGS__": {"windowLengthCount": 1, "slidingIntervalCount": 1}})


@attrs.define
class Gate:
    """Calls wait at it until it is open."""

    entered: threading.Event = attrs.field(factory=threading.Event)
    opened: threading.Event = attrs.field(factory=threading.Event)

    def process(self, value: Any, context: Any) -> str:
        self.entered.set()
        self.opened.wait(30)
        return "done"


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


def texts(running: Any) -> list[str]:
    return [exception.exceptionString for exception in running.status.latestSystemExceptions]


@pytest.mark.parametrize("user_config", ["", TO_SEVERAL, IN_WINDOWS], ids=["one", "several", "windows"])
def test_a_call_that_does_not_return_is_told_while_it_lasts(
    harness: Any, until: Any, gate: Gate, monkeypatch: pytest.MonkeyPatch, user_config: str
) -> None:
    running = harness.start(gate.process, harness.details(userConfig=user_config))
    harness.produce(b"x")
    assert gate.entered.wait(30)
    assert texts(running) == []
    monkeypatch.setattr("pulsemill_instance.call_guard.LONG_CALL_SECONDS", 0)
    (text,) = texts(running)
    assert text.startswith("The function has not returned for ")
    assert text.endswith("after 3600 s the instance is started again (pulsemill.callTimeoutSeconds in userConfig)")
    assert running.status.running
    gate.opened.set()
    until(lambda: running.status.numSuccessfullyProcessed == 1)
    until(lambda: texts(running) == [])
    assert running.status.numSystemExceptions == 0


def test_topics_without_a_connection_are_told_while_it_lasts(
    broker: Any, harness: Any, until: Callable[..., Any], tmp_path: Any
) -> None:
    own = type(broker)(tmp_path)
    own.start()
    mine = type(harness)(own.url)
    running = mine.start(lambda value: value, kind="native")
    mine.produce(b"1")
    mine.consume(1)
    assert texts(running) == []
    own.kill()
    names = f"Input {mine.input}", f"Output {mine.output}"
    until(lambda: texts(running) == [f"{name} has no connection to the broker" for name in names])
    assert running.status.running
    own.start()
    until(lambda: texts(running) == [])
    running.stop()
    mine.close()
    own.kill()
