"""A worker and its functions whose network to the broker fails: connections are cut, or nothing passes for a while."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import attrs
import pulsar
import pulsar.asyncio
import pytest

from tests.integration.clusters import Cluster, Worker, has, name_of, url
from tests.rig.broker import Broker, running_broker
from tests.rig.network import Network, network_to
from tests.rig.ports import free_port
from tests.rig.waiting import eventually

pytestmark = pytest.mark.pulsar

BACK_SECONDS = 30.0
"""Within which a worker is back: it looks once a second, and the machine may be busy."""


@attrs.frozen
class Ways:
    """A broker, and what is between it and the worker; tests themselves go straight."""

    broker: Broker
    binary: Network
    admin: Network

    def cut(self) -> None:
        self.binary.cut()
        self.admin.cut()

    def stall(self) -> None:
        self.binary.stall()
        self.admin.stall()

    def resume(self) -> None:
        self.binary.resume()
        self.admin.resume()


@pytest.fixture(scope="module")
def ways(pulsar_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    """Who comes to the broker by the listener `far` is told to come back over the network that fails."""
    near, far = free_port(), free_port()
    with network_to(far, is_pulsar=True) as binary:
        listeners = f"near:pulsar://127.0.0.1:{near},far:pulsar://127.0.0.1:{binary.port}"
        settings = {
            "brokerServicePort": str(near),
            "advertisedAddress": "",
            "advertisedListeners": listeners,
            "internalListenerName": "near",
            "bindAddresses": f"far:pulsar://127.0.0.1:{far}",
        }
        with running_broker(tmp_path_factory.mktemp("broker"), settings) as broker, network_to(broker.ports.web) as web:
            yield Ways(attrs.evolve(broker, service_url=f"pulsar://127.0.0.1:{near}"), binary, web)


@pytest.fixture
async def worker(ways: Ways, tmp_path: Path) -> AsyncIterator[Worker]:
    settings = {
        "pulsarServiceUrl": f"pulsar://127.0.0.1:{ways.binary.port}",
        "pulsarWebServiceUrl": f"http://127.0.0.1:{ways.admin.port}",
    }
    async with AsyncExitStack() as closing:
        yield await Cluster(tmp_path, ways.broker, f"public/{name_of('cut')}", settings, closing).start("far")
        ways.resume()


@pytest.fixture
async def client(ways: Ways) -> AsyncIterator[pulsar.asyncio.Client]:
    client = pulsar.asyncio.Client(ways.broker.service_url)
    yield client
    await client.close()


async def until_ready(worker: Worker) -> None:
    async with asyncio.timeout(BACK_SECONDS):
        await eventually(worker.leads)


@pytest.mark.parametrize("failure", ["cut", "stall"])
async def test_readiness_says_what_the_network_does_and_functions_go_on(
    ways: Ways, worker: Worker, client: pulsar.asyncio.Client, failure: str
) -> None:
    name = name_of(failure)
    config = {"output": f"{name}-out", "subscriptionPosition": "Earliest"}
    assert (await worker.register(name, **config)).status_code == 204
    await eventually(lambda: has(worker.running(name), 1))
    getattr(ways, failure)()
    await eventually(lambda: has(worker.leads(), False))
    assert (await worker.http.get("/initialized")).status_code == 200
    assert (await worker.http.delete(url(name))).status_code == 503
    ways.resume()
    await until_ready(worker)
    await send(client, f"{name}-in", ["after"])
    await arrive(client, f"{name}-out", {"after!"})
    assert (await worker.register(f"{name}-new")).status_code == 204
    assert (await worker.http.delete(url(name))).status_code == 204


async def test_every_input_gets_its_output_over_cuts(ways: Ways, worker: Worker, client: pulsar.asyncio.Client) -> None:
    name = name_of("kept")
    config = {"output": f"{name}-out", "subscriptionPosition": "Earliest"}
    assert (await worker.register(name, **config)).status_code == 204
    await eventually(lambda: has(worker.running(name), 1))
    sent: list[str] = []
    for cut in range(3):
        batch = [f"{cut}-{number}" for number in range(200)]
        sent += batch
        sending = asyncio.create_task(send(client, f"{name}-in", batch))
        ways.cut()
        await sending
        ways.resume()
    await arrive(client, f"{name}-out", {f"{text}!" for text in sent})
    await until_ready(worker)


async def test_a_producer_that_the_broker_has_forgotten_is_replaced(
    ways: Ways, worker: Worker, client: pulsar.asyncio.Client
) -> None:
    name = name_of("forgotten")
    config = {"output": f"{name}-out", "subscriptionPosition": "Earliest", "timeoutMs": 100}
    assert (await worker.register(name, **config)).status_code == 204
    await send(client, f"{name}-in", ["before"])
    await arrive(client, f"{name}-out", {"before!"})
    ways.binary.forget_producers(f"{name}-out")
    await send(client, f"{name}-in", ["after"])
    await arrive(client, f"{name}-out", {"before!", "after!"})


@pytest.mark.parametrize("topic", ["metadata", "assignments"])
async def test_a_leader_whose_producer_the_broker_has_forgotten_writes_with_another(
    ways: Ways, worker: Worker, topic: str
) -> None:
    await until_ready(worker)
    assert (await worker.register(name_of("before"))).status_code == 204
    ways.binary.forget_producers(f"/{topic}")
    name = name_of("after")

    async def runs() -> bool:
        await worker.register(name)  # refused until there is another producer, and then because it exists
        return await worker.running(name) == 1

    await eventually(runs, BACK_SECONDS * 2)


async def send(client: pulsar.asyncio.Client, topic: str, texts: list[str]) -> None:
    producer = await client.create_producer(topic)
    for text in texts:
        await producer.send(text.encode())
    await producer.close()


async def arrive(client: pulsar.asyncio.Client, topic: str, expected: set[str]) -> None:
    """Wait until a topic has all that is expected, in any order and number."""
    reader = await client.create_reader(topic, pulsar.MessageId.earliest)
    seen: set[str] = set()

    async def are_there() -> bool:
        seen.add((await reader.read_next()).data().decode())
        return seen >= expected

    await eventually(are_there)
    await reader.close()
