"""A broker that is killed while a function is being registered, at various moments of that, and comes back."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import attrs
import httpx2
import pytest

from tests.integration.clusters import CODE, Cluster, Worker, has, name_of, url
from tests.rig.broker import Broker, running_broker
from tests.rig.waiting import eventually

pytestmark = [pytest.mark.pulsar, pytest.mark.slow, pytest.mark.timeout(1200)]

SMALL = CODE
LARGE = CODE + b"#" * 4_000_000
"""Takes long enough to store for the broker to die in the midst of it."""
MOMENTS = ((0.1, LARGE), (0.6, LARGE), (0.9, SMALL))
"""When the broker dies, in parts of the time that a registration takes: while it is asked, stores, or is told of it."""
ANSWER_SECONDS = 120.0


@attrs.define
class Mortal:
    """A broker that dies and comes back on its data."""

    broker: Broker

    def kill(self) -> None:
        self.broker.server.kill()

    async def come_back(self) -> None:
        self.broker = await asyncio.to_thread(self.broker.restart)


@pytest.fixture
def mortal(tmp_path: Path, pulsar_home: Path) -> Iterator[Mortal]:
    with running_broker(tmp_path / "broker") as broker:
        mortal = Mortal(broker)
        yield mortal
        mortal.broker.server.stop()


@pytest.fixture
async def worker(mortal: Mortal, tmp_path: Path) -> AsyncIterator[Worker]:
    settings = {"functionsWorkerEnablePackageManagement": False}
    async with AsyncExitStack() as closing:
        yield await Cluster(tmp_path, mortal.broker, "public/functions", settings, closing).start("worker")


async def test_a_registration_is_answered_and_nothing_is_in_the_way_of_the_next(mortal: Mortal, worker: Worker) -> None:
    healthy = name_of("healthy")
    assert (await register(worker, healthy, SMALL)).status_code == 204
    await eventually(lambda: has(worker.running(healthy), 1))
    for moment, code in MOMENTS:
        name, usual = name_of("cut-short"), await time_of_registering(worker, code)
        registering = asyncio.create_task(register(worker, name, code))
        await asyncio.sleep(moment * usual)
        mortal.kill()
        answer, _ = await asyncio.gather(registering, mortal.come_back())
        await eventually(worker.leads)
        await is_there_if_it_was_said_to_be(worker, name, answer)
        for each in (name, healthy):
            await eventually(partial(runs, worker, each))
        assert (await worker.http.delete(url(name))).status_code == 204


async def is_there_if_it_was_said_to_be(worker: Worker, name: str, answer: httpx2.Response) -> None:
    """A failure, which names the broker, may have been stored all the same; what is not there is registered now."""
    is_known = (await worker.http.get(url(name))).status_code == 200
    if answer.status_code == 204:
        assert is_known
    else:
        assert answer.status_code in (500, 503)
        assert "broker" in answer.json()["reason"]
    again = await register(worker, name, SMALL)
    assert again.status_code == (400 if is_known else 204), again.text


async def runs(worker: Worker, name: str) -> bool:
    return await worker.running(name) == 1


async def register(worker: Worker, name: str, code: bytes) -> httpx2.Response:
    config = {"className": "code", "runtime": "PYTHON", "inputs": [f"{name}-in"], "py": "code.py"}
    parts = {
        "functionConfig": (None, json.dumps(config), "application/json"),
        "data": ("code.py", code, "application/octet-stream"),
    }
    return await worker.http.post(url(name), files=parts, timeout=ANSWER_SECONDS)


async def time_of_registering(worker: Worker, code: bytes) -> float:
    name, began = name_of("timed"), time.monotonic()
    assert (await register(worker, name, code)).status_code == 204
    took = time.monotonic() - began
    assert (await worker.http.delete(url(name))).status_code == 204
    return took
