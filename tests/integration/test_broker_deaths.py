"""A broker that is killed while a function is being registered, at various moments of that, and comes back.

What it did not store, nobody is told of as stored.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.integration.clusters import CODE, Cluster, Worker, has, leader_of, name_of, url
from tests.rig.broker import MortalBroker
from tests.rig.waiting import eventually

pytestmark = [pytest.mark.pulsar, pytest.mark.slow, pytest.mark.timeout(1200)]

SMALL = CODE
LARGE = CODE + b"#" * 4_000_000
"""Takes long enough to store for the broker to die in the midst of it."""
MOMENTS = ((0.1, LARGE), (0.6, LARGE))
"""When the broker dies, in parts of the time that a registration takes."""
WRITE_SECONDS = 3.0
"""After which a registration that was not answered waits for its write."""
ANSWER_SECONDS = 120.0


@pytest.fixture
async def cluster(mortal_broker: MortalBroker, tmp_path: Path) -> AsyncIterator[Cluster]:
    settings = {
        "functionsWorkerEnablePackageManagement": False,
        "additionalEnabledFunctionsUrlPatterns": ["http://127.0.0.1:.*"],
    }
    async with AsyncExitStack() as closing:
        yield Cluster(tmp_path, mortal_broker.broker, f"public/{name_of('deaths')}", settings, closing)


@pytest.fixture
async def worker(cluster: Cluster) -> Worker:
    return await cluster.start("worker")


async def test_a_registration_is_answered_and_nothing_is_in_the_way_of_the_next(
    mortal_broker: MortalBroker, worker: Worker
) -> None:
    healthy = name_of("healthy")
    assert (await register(worker, healthy, SMALL)).status_code == 204
    await eventually(lambda: has(worker.running(healthy), 1))
    for moment, code in MOMENTS:
        name, usual = name_of("cut-short"), await time_of_registering(worker, code)
        registering = asyncio.create_task(register(worker, name, code))
        await asyncio.sleep(moment * usual)
        answer = await dies_and_comes_back(mortal_broker, worker, registering)
        await is_there_if_it_was_said_to_be(worker, name, answer)
        for each in (name, healthy):
            await eventually(partial(runs, worker, each))
        assert (await worker.http.delete(url(name))).status_code == 204


async def test_the_answer_to_a_registration_is_true_when_the_broker_dies_before_it_stores_the_metadata(
    mortal_broker: MortalBroker, cluster: Cluster, worker: Worker
) -> None:
    """The worker asks the broker who may register, fetches the package, and then writes."""
    name = name_of("unwritten")
    await eventually(worker.leads)
    async with handing_out(CODE, mortal_broker.freeze) as package:
        registering = asyncio.create_task(register_by_url(worker, name, package))
        answered, _ = await asyncio.wait([registering], timeout=WRITE_SECONDS)
        assert not answered, registering.result().text
        answer = await dies_and_comes_back(mortal_broker, worker, registering)
        assert answer.status_code == 204 or "broker" in answer.json()["reason"], answer.text
        other = await cluster.start("other")
        here, there = [(await one.http.get(url(name))).status_code == 200 for one in (worker, other)]
        assert here == there
        assert here or answer.status_code != 204
        await leader_of(worker, other)  # the second may take the lead
        again = await register_by_url(worker, name, package)
        assert again.status_code == (400 if here else 204), again.text
        await eventually(lambda: has(worker.running(name), 1))
        assert (await worker.http.delete(url(name))).status_code == 204


@asynccontextmanager
async def handing_out(code: bytes, at_first: Callable[[], None]) -> AsyncIterator[str]:
    """The URL of a package. Who asks for it first gets it when something was done."""
    asked = False

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        if not asked:
            asked = True
            at_first()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(code), code))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/code.py"


async def register_by_url(worker: Worker, name: str, package: str) -> httpx2.Response:
    config = {"className": "code", "runtime": "PYTHON", "inputs": [f"{name}-in"], "py": package}
    parts = {"functionConfig": (None, json.dumps(config), "application/json"), "url": (None, package, "text/plain")}
    return await worker.http.post(url(name), files=parts, timeout=ANSWER_SECONDS)


async def dies_and_comes_back(
    mortal: MortalBroker, worker: Worker, registering: "asyncio.Task[httpx2.Response]"
) -> httpx2.Response:
    """The answer to a registration at hand, when the broker is back."""
    mortal.kill()
    answer, _ = await asyncio.gather(registering, asyncio.to_thread(mortal.come_back))
    await eventually(worker.leads)
    return answer


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
