"""The program ends when asked, and well, while its broker is away."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

ASYNC = "async def process(x): return x\n"
SYNC = "def process(x): return x\n"
HELD = """
import asyncio, pathlib, time

gate, done = pathlib.Path({gate!r}), pathlib.Path({done!r})

{define} process(x):
    while not gate.exists():
        {sleep}(0.01)
    with done.open("a") as file:
        file.write("x")
    return x
"""
PENDING = 5


@pytest.fixture
def own_broker(broker: Any, tmp_path: Any) -> Iterator[Any]:
    own = type(broker)(tmp_path)
    own.start()
    yield own
    own.kill()


@pytest.mark.parametrize("source", [SYNC, ASYNC])
def test_it_ends_well_when_asked(own_broker: Any, harness: Any, launcher: Any, source: str) -> None:
    mine = type(harness)(own_broker.url)
    mine.produce(b"1")
    package = launcher.write(source)
    program = launcher.start(mine.details(className="exclaim"), package, pulsar_serviceurl=own_broker.url)
    mine.consume(1)
    own_broker.kill()
    began = time.monotonic()
    program.process.terminate()
    code, errors = program.end()
    assert (code, errors) == (0, "")
    assert time.monotonic() - began < 5
    own_broker.start()
    mine.close()


HOW = pytest.mark.parametrize(("define", "sleep"), [("def", "time.sleep"), ("async def", "await asyncio.sleep")])


@HOW
@pytest.mark.parametrize("guarantee", ["ATLEAST_ONCE", "EFFECTIVELY_ONCE"])
def test_it_ends_well_before_its_first_output_has_a_producer(
    own_broker: Any, harness: Any, launcher: Any, until: Any, tmp_path: Path, define: str, sleep: str, guarantee: str
) -> None:
    mine, gate, done = type(harness)(own_broker.url), tmp_path / "gate", tmp_path / "done"
    source = HELD.format(gate=str(gate), done=str(done), define=define, sleep=sleep)
    details = mine.details(className="exclaim", processingGuarantees=guarantee)
    program = launcher.start(details, launcher.write(source), pulsar_serviceurl=own_broker.url)
    mine.produce(b"x", b"x")
    until(lambda: program.ask("GetFunctionStatus").numReceived)
    own_broker.kill()
    gate.touch()
    until(lambda: done.exists() and done.stat().st_size)
    program.process.terminate()
    assert program.end()[0] == 0
    own_broker.start()
    assert mine.unacknowledged() == [b"x", b"x"]
    mine.close()


@HOW
def test_it_ends_well_with_more_outputs_than_may_wait(
    own_broker: Any, harness: Any, launcher: Any, until: Any, tmp_path: Path, define: str, sleep: str
) -> None:
    mine, gate, done = type(harness)(own_broker.url), tmp_path / "gate", tmp_path / "done"
    gate.touch()
    mine.produce(b"x")
    details = mine.details(className="exclaim")
    details.sink.producerSpec.maxPendingMessages = PENDING
    source = HELD.format(gate=str(gate), done=str(done), define=define, sleep=sleep)
    program = launcher.start(details, launcher.write(source), pulsar_serviceurl=own_broker.url)
    mine.consume(1)
    gate.unlink()
    mine.produce(*[b"x"] * 40)
    until(lambda: program.ask("GetFunctionStatus").numReceived > 1)
    own_broker.kill()
    gate.touch()
    until(lambda: done.stat().st_size > PENDING)
    began = time.monotonic()
    program.process.terminate()
    assert program.end()[0] == 0
    assert time.monotonic() - began < 5
    own_broker.start()
    mine.close()
