"""Functions that misbehave, in real instances: each is told of, stopped in time, and loses nothing."""

import asyncio
import os
import re
import time
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
from pulsemill_runtime_process.console import FILE_BYTES
from pulsemill_runtime_process.launch import Launch, WorkerSettings
from pulsemill_runtime_process.runtime import ProcessRuntime

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

FUNCTION = """
import os, sys, threading, time

import pulsar

class Exclaim(pulsar.Function):
    def process(self, input, context):
        if input == "bad":
            {bad}
        return input + "!"
"""
IN, OUT = "persistent://public/default/in", "persistent://public/default/out"


@attrs.frozen
class Instance:
    """An instance whose code can be replaced, and its topics."""

    runtime: ProcessRuntime
    code: Path
    inputs: pulsar.asyncio.Producer
    outputs: pulsar.asyncio.Consumer

    async def start(self, bad: str) -> None:
        """Start it with what it does to the input `bad`."""
        self.code.write_text(FUNCTION.format(bad=bad))
        await self.runtime.start()

    async def receive(self) -> str:
        """Its next output."""
        message = await asyncio.wait_for(self.outputs.receive(), 10)
        await self.outputs.acknowledge(message)
        return str(message.value())


@pytest.fixture
async def instance(
    tmp_path: Path,
    http: httpx2.AsyncClient,
    new_launch: Callable[..., Launch],
    no_secrets: SecretsProviderConfigurator,
) -> AsyncIterator[Instance]:
    with DataDirectory(tmp_path / "data") as directory:
        async with EmbeddedBroker(directory) as broker:
            client = pulsar.asyncio.Client(broker.service_url)
            schema = pulsar.schema.StringSchema()
            code = tmp_path / "exclaim.py"
            worker = WorkerSettings(pulsar_service_url=broker.service_url)
            launch = new_launch(code=code, locations=Locations(log_directory=tmp_path / "logs"), worker=worker)
            launch.details.source.subscriptionPosition = EARLIEST
            runtime = ProcessRuntime(launch, no_secrets, http)
            inputs = await client.create_producer(IN, schema=schema)
            yield Instance(runtime, code, inputs, await client.subscribe(OUT, "test", schema=schema))
            await runtime.stop()
            await client.close()


@pytest.mark.parametrize(
    ("bad", "death"),
    [
        ("os._exit(3)", "The instance process ended with exit code 3"),
        ("os.kill(os.getpid(), 11)", "The instance process was killed by SIGSEGV"),
        ("sys.exit(4)", "The instance process ended with exit code 1: .*SystemExit.*"),
    ],
)
async def test_what_ended_it_is_told_and_the_input_waits_for_better_code(
    instance: Instance, bad: str, death: str
) -> None:
    await instance.start(bad)
    await instance.inputs.send("bad")
    async with asyncio.timeout(15):
        await instance.runtime.wait()
    status = await instance.runtime.get_function_status(0)
    assert not status.running
    assert re.fullmatch(death, status.failureException)
    await instance.start("pass")
    assert await instance.receive() == "bad!"


@pytest.mark.parametrize("bad", ["time.sleep(600)", "threading.Event().wait()", "while True: pass"])
async def test_blocking_it_still_answers_stops_in_time_and_the_input_waits(instance: Instance, bad: str) -> None:
    await instance.start(bad)
    await instance.inputs.send("bad")
    async with asyncio.timeout(10):
        while not (await instance.runtime.get_metrics(0)).receivedTotal:  # noqa: ASYNC110 another process's event
            await asyncio.sleep(0.02)
    assert (await instance.runtime.get_function_status(0)).running
    began = time.monotonic()
    await instance.runtime.stop()
    assert time.monotonic() - began < 11
    await instance.start("pass")
    assert await instance.receive() == "bad!"


@pytest.mark.parametrize(
    "bad",
    ["for _ in range(200): os.write(2, b'x' * 65535 + b'\\n')", "for _ in range(20000): print('x' * 999)"],
)
async def test_a_flood_is_bounded_and_harms_no_output(instance: Instance, bad: str, tmp_path: Path) -> None:
    await instance.start(bad)
    await instance.inputs.send("bad")
    assert await instance.receive() == "bad!"
    console = [file for file in logs(tmp_path) if ".out" in file.name]
    assert sum(file.stat().st_size for file in console) <= 2 * FILE_BYTES
    assert sum(file.stat().st_size for file in logs(tmp_path)) < 100 * 1024**2


def logs(folder: Path) -> list[Path]:
    return [Path(entry.path) for entry in os.scandir(folder / "logs/functions/public/default/exclaim")]


async def test_an_exception_is_counted_and_the_next_input_is_processed(instance: Instance) -> None:
    await instance.start("raise ValueError('no such word')")
    await instance.inputs.send("bad")
    await instance.inputs.send("good")
    assert await instance.receive() == "good!"
    status = await instance.runtime.get_function_status(0)
    assert status.running
    assert status.numUserExceptions >= 1
    assert "no such word" in status.latestUserExceptions[0].exceptionString
