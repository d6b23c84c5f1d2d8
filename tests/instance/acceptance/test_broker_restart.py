"""An instance outlives its broker."""

from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.embedded


@pytest.fixture
def own_broker(broker: Any, tmp_path: Any) -> Iterator[Any]:
    own = type(broker)(tmp_path)
    own.start()
    yield own
    own.kill()


def test_a_broker_restart_loses_nothing(own_broker: Any, harness: Any, until: Any) -> None:
    mine = type(harness)(own_broker.url)
    payloads = {f"n{number}".encode() for number in range(2000)}
    mine.produce(*payloads)
    running = mine.start(lambda value: value, kind="native")
    until(lambda: running.status.numSuccessfullyProcessed > 100)
    own_broker.kill()
    own_broker.start()
    mine.produce(b"after")
    until(lambda: set(mine.all_of(quiet_ms=300)) == payloads | {b"after"})
    running.stop()
    assert running.error is None
    mine.close()


def test_stopping_without_a_broker_is_bounded(own_broker: Any, harness: Any, until: Any) -> None:
    mine = type(harness)(own_broker.url)
    mine.produce(b"1")
    running = mine.start(lambda value: value, kind="native")
    until(lambda: running.status.numSuccessfullyProcessed == 1)
    own_broker.kill()
    running.stop(10)
    assert running.error is None
    own_broker.start()
    mine.close()
