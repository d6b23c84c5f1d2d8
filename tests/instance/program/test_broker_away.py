"""The program ends when asked, and well, while its broker is away."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

ASYNC = "async def process(x): return x\n"
SYNC = "def process(x): return x\n"


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
