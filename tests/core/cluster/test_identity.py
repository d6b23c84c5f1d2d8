"""Workers that were given one id."""

import attrs
import httpx2
import pytest

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cluster import identity
from pulsemill.cluster.identity import require_own_id
from pulsemill.cluster.participants import consumer_id
from pulsemill.errors import ConfigurationError
from pulsemill.rest.ports import WorkerInfo

TOPIC = "persistent://public/functions/coordinate"
ME, NAMESAKE, OTHER = WorkerInfo("w1", "host-1", 6750), WorkerInfo("w1", "host-2", 6750), WorkerInfo("w2", "host-2", 1)


@attrs.define
class FakeBroker:
    """Who takes part, as asked one time after the other."""

    present: list[list[WorkerInfo]]

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        members = self.present.pop(0) if len(self.present) > 1 else self.present[0]
        consumers = [{"consumerName": consumer_id(one), "metadata": {"id": consumer_id(one)}} for one in members]
        return httpx2.Response(200, json={"subscriptions": {"participants": {"consumers": consumers}}})


async def check(*present: list[WorkerInfo]) -> None:
    admin = BrokerAdmin("http://broker:8080", transport=httpx2.MockTransport(FakeBroker(list(present))))
    await require_own_id(admin, TOPIC, ME)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "RETRY_SECONDS", 0)


@pytest.mark.parametrize("members", [[], [OTHER], [ME, OTHER]])
async def test_an_id_that_nobody_else_has(members: list[WorkerInfo]) -> None:
    await check(members)


async def test_an_id_that_another_worker_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "GONE_SECONDS", 0)
    with pytest.raises(ConfigurationError, match="workerId w1: the worker at host-2:6750 has the same"):
        await check([OTHER, NAMESAKE])


async def test_a_worker_that_moved_waits_until_it_left_its_old_place(caplog: pytest.LogCaptureFixture) -> None:
    await check([NAMESAKE], [NAMESAKE], [OTHER])
    assert caplog.text.count("waiting for the worker w1 at host-2") == 2
