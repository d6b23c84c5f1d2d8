"""Real instances, ours, on an embedded broker."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import attrs
import httpx2
import pulsar.asyncio
import pytest

from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import EARLIEST
from pulsemill_runtime_process.config import Locations
from pulsemill_runtime_process.launch import Launch, WorkerSettings
from pulsemill_runtime_process.runtime import ProcessRuntime

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

EXCLAIM = """
import pulsar

class Exclaim(pulsar.Function):
    def process(self, input, context):
        return input + "!"
"""
IN, OUT = "persistent://public/default/in", "persistent://public/default/out"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[str]:
    """An embedded broker's service URL."""
    with DataDirectory(tmp_path / "data") as directory:
        async with EmbeddedBroker(directory) as running:
            yield running.service_url


@pytest.fixture
async def client(broker: str) -> AsyncIterator[pulsar.asyncio.Client]:
    """A client of the embedded broker."""
    client = pulsar.asyncio.Client(broker)
    yield client
    await client.close()


@pytest.fixture
async def outputs(client: pulsar.asyncio.Client) -> pulsar.asyncio.Consumer:
    """A consumer of what the function puts out."""
    return await client.subscribe(OUT, "test", schema=pulsar.schema.StringSchema())


async def send(client: pulsar.asyncio.Client, count: int) -> None:
    """Send the first numbers to the function."""
    producer = await client.create_producer(IN, schema=pulsar.schema.StringSchema(), max_pending_messages=count)
    await asyncio.gather(*(producer.send(str(number)) for number in range(count)))


def command_line_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


async def running(runtime: ProcessRuntime) -> None:
    """Wait until the instance says that it has subscribed."""
    async with asyncio.timeout(10):
        while True:
            if (await runtime.get_function_status(0)).running:
                return


async def processed(runtime: ProcessRuntime, count: int) -> None:
    """Wait until inputs count as processed: their outputs' confirmations come a little after the outputs."""
    async with asyncio.timeout(10):
        while True:
            if (await runtime.get_metrics(0)).processedSuccessfullyTotal == count:
                return


async def receive(outputs: pulsar.asyncio.Consumer) -> str:
    """The next output."""
    message = await asyncio.wait_for(outputs.receive(), 10)
    await outputs.acknowledge(message)
    return str(message.value())


@pytest.fixture
async def runtime(
    tmp_path: Path,
    broker: str,
    http: httpx2.AsyncClient,
    new_launch: Callable[..., Launch],
    no_secrets: SecretsProviderConfigurator,
) -> AsyncIterator[ProcessRuntime]:
    """An instance that adds an exclamation mark, not started yet."""
    code = tmp_path / "exclaim.py"
    code.write_text(EXCLAIM)
    launch = new_launch(
        code=code,
        locations=Locations(log_directory=tmp_path / "logs"),
        worker=WorkerSettings(pulsar_service_url=broker),
    )
    launch.details.source.subscriptionName = "exclaim"
    launch.details.source.subscriptionPosition = EARLIEST
    made = ProcessRuntime(launch, no_secrets, http)
    yield made
    await made.stop()


async def test_it_processes_and_tells_of_it(
    runtime: ProcessRuntime, client: pulsar.asyncio.Client, outputs: pulsar.asyncio.Consumer, tmp_path: Path
) -> None:
    await runtime.start()
    await running(runtime)
    await send(client, 10)
    assert [await receive(outputs) for _ in range(10)] == [f"{number}!" for number in range(10)]
    await processed(runtime, 10)
    assert (await runtime.get_function_status(0)).numReceived == 10
    assert await runtime.health_check()
    assert re.search(
        r"^pulsar_function_received_total\{.*\} 10\.0$", await runtime.get_prometheus_metrics(), re.MULTILINE
    )
    assert (tmp_path / "logs/functions/public/default/exclaim/exclaim-0.log").stat().st_size
    await runtime.stop()
    assert runtime.death_exception == "The instance process ended with exit code 0"


async def test_killed_under_traffic_and_started_again_it_loses_nothing(
    runtime: ProcessRuntime, client: pulsar.asyncio.Client, outputs: pulsar.asyncio.Consumer
) -> None:
    await runtime.start()
    sending = asyncio.create_task(send(client, 2000))
    got = {await receive(outputs)}
    assert runtime._life
    os.kill(runtime._life.child.pid, signal.SIGKILL)
    await runtime.wait()
    assert runtime.death_exception == "The instance process was killed by SIGKILL"
    await runtime.start()
    await sending
    while len(got) < 2000:
        got.add(await receive(outputs))


async def test_instances_of_a_function_share_its_subscription(
    runtime: ProcessRuntime,
    client: pulsar.asyncio.Client,
    outputs: pulsar.asyncio.Consumer,
    http: httpx2.AsyncClient,
    no_secrets: SecretsProviderConfigurator,
) -> None:
    first = runtime._launch
    second = attrs.evolve(first, instance=attrs.evolve(first.instance, instance_id=1))
    other = ProcessRuntime(second, no_secrets, http)
    try:
        await asyncio.gather(runtime.start(), other.start())
        got: set[str] = set()
        while not (await received(runtime) and await received(other)):
            await send(client, 100)
            got |= {await receive(outputs) for _ in range(100)}
        assert got == {f"{number}!" for number in range(100)}
    finally:
        await other.stop()


async def received(runtime: ProcessRuntime) -> int:
    return (await runtime.get_metrics(0)).receivedTotal


async def test_details_with_secrets_reach_it_beside_the_command_line(
    runtime: ProcessRuntime, client: pulsar.asyncio.Client, outputs: pulsar.asyncio.Consumer
) -> None:
    runtime._launch.details.secretsMap = '{"password":"100%s3cr3t"}'
    await runtime.start()
    assert runtime._life
    assert "s3cr3t" not in command_line_of(runtime._life.child.pid)
    await send(client, 1)
    assert await receive(outputs) == "0!"


async def test_a_function_that_cannot_be_loaded_says_why(runtime: ProcessRuntime) -> None:
    runtime._launch.details.className = "exclaim.Missing"
    await runtime.start()
    status = await runtime.get_function_status(0)
    assert not status.running
    assert re.fullmatch("The instance process ended with exit code 1: .*Missing.*", status.failureException)


async def test_sigterm_at_any_moment_of_its_start_ends_it(runtime: ProcessRuntime) -> None:
    for delay in (0.0, 0.05, 0.2):
        await runtime.start()
        await asyncio.sleep(delay)
        async with asyncio.timeout(8):
            await runtime.stop()
        assert not runtime.is_alive
