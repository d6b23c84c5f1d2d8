"""When topics are compacted."""

from typing import Any

import httpx2
import pytest

from pulsemill.broker.admin import BrokerAdmin, BrokerAdminError
from pulsemill.cluster.compaction import Compaction
from pulsemill.cluster.records import Record
from pulsemill.cluster.tailer import TopicTailer


class Compactions:
    """Counts what it is asked for; refuses on demand."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.status = 204

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.paths.append(request.url.path)
        return httpx2.Response(self.status)


@pytest.fixture
def compactions() -> Compactions:
    return Compactions()


@pytest.fixture
def compaction(log: Any, compactions: Compactions) -> Compaction:
    admin = BrokerAdmin("http://broker:8080", attempts=1, transport=httpx2.MockTransport(compactions))
    return Compaction(admin, TopicTailer(log, lambda _: None))


async def test_only_what_is_new_is_compacted(log: Any, compaction: Compaction, compactions: Compactions) -> None:
    await compaction.run()
    assert compactions.paths == []
    log.records.append(Record(b"one"))
    await compaction.tailer.read_to_end()
    await compaction.run()
    await compaction.run()
    assert compactions.paths == ["/admin/v2/persistent/public/functions/fake/compaction"]


async def test_one_that_fails_is_done_next_time(log: Any, compaction: Compaction, compactions: Compactions) -> None:
    log.records.append(Record(b"one"))
    await compaction.tailer.read_to_end()
    compactions.status = 500
    with pytest.raises(BrokerAdminError):
        await compaction.run()
    compactions.status = 204
    await compaction.run()
    assert len(compactions.paths) == 2
