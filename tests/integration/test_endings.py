"""Functions that end their instance, on real workers: the status says why, and nothing is lost."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import attrs
import pulsar
import pulsar.asyncio
import pytest

from tests.integration.clusters import Cluster, Worker, name_of, url
from tests.rig.broker import Broker
from tests.rig.waiting import WAIT_SECONDS, eventually

pytestmark = pytest.mark.pulsar

CODE = """
import ctypes, os, resource, signal, sys, time

class Fn:
    def process(self, value, context):
        if value == "bad" and not os.path.exists(context.get_user_config_value("healed")):
            {bad}
        return value + "!"
"""
LITTLE_MEMORY = "resource.setrlimit(resource.RLIMIT_AS, (2 ** 32, -1)); bytearray(2 ** 34)"
"""What the container's or the machine's own limit does to an allocation that is too large."""
BLOCKING = {"pulsemill.callTimeoutSeconds": 1}


@attrs.frozen
class Ending:
    """What a function does, and what the status says of it."""

    bad: str
    reason: str
    user_config: dict[str, Any] = attrs.field(factory=dict)


CONTAINED = {
    "exit": Ending("sys.exit(3)", "SystemExit"),
    "memory-error": Ending("raise MemoryError('all is used')", "MemoryError"),
    "blocked": Ending("time.sleep(600)", "did not return within 1 s", BLOCKING),
}
OF_PROCESSES = CONTAINED | {
    "segmentation": Ending("ctypes.string_at(0)", "killed by SIGSEGV"),
    "out-of-memory": Ending("os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
    "little-memory": Ending(LITTLE_MEMORY, "MemoryError"),
}


@attrs.frozen
class Setting:
    """A worker, and someone who uses its functions."""

    cluster: Cluster
    client: pulsar.asyncio.Client
    folder: Path

    async def register(self, worker: Worker, name: str, ending: Ending) -> None:
        config = {
            "className": "code.Fn",
            "runtime": "PYTHON",
            "inputs": [f"{name}-in"],
            "output": f"{name}-out",
            "py": "code.py",
            "subscriptionPosition": "Earliest",
            "userConfig": {"healed": str(self.healed(name)), **ending.user_config},
        }
        parts = {
            "functionConfig": (None, json.dumps(config), "application/json"),
            "data": ("code.py", CODE.format(bad=ending.bad).encode(), "application/octet-stream"),
        }
        answer = await worker.http.post(url(name), files=parts)
        assert answer.status_code == 204, answer.text

    def healed(self, name: str) -> Path:
        """Once this file is there, the function misbehaves no more."""
        return self.folder / name

    async def send(self, name: str, *texts: str) -> None:
        producer = await self.client.create_producer(f"{name}-in")
        for text in texts:
            await producer.send(text.encode())
        await producer.close()

    async def outputs(self, name: str, *expected: str) -> None:
        """Wait until a function's output has all that is expected."""
        reader = await self.client.create_reader(f"{name}-out", pulsar.MessageId.earliest)
        missing = set(expected)
        async with asyncio.timeout(WAIT_SECONDS):
            while missing:
                missing.discard((await reader.read_next()).data().decode())
        await reader.close()


@pytest.fixture
async def client(broker: Broker) -> AsyncIterator[pulsar.asyncio.Client]:
    client = pulsar.asyncio.Client(broker.service_url)
    yield client
    await client.close()


@pytest.mark.parametrize(("runtime", "endings"), [("process", OF_PROCESSES), ("thread", CONTAINED)])
async def test_what_ended_an_instance_is_told_and_nothing_is_lost(
    broker: Broker, client: pulsar.asyncio.Client, tmp_path: Path, runtime: str, endings: dict[str, Ending]
) -> None:
    async with AsyncExitStack() as closing:
        cluster = Cluster(tmp_path, broker, f"public/{name_of('endings')}", {}, closing, runtime)
        setting, worker = Setting(cluster, client, tmp_path), await cluster.start("worker")
        await eventually(worker.leads)
        async with asyncio.TaskGroup() as all_at_once:
            for what, ending in endings.items():
                all_at_once.create_task(_ends_and_goes_on(setting, worker, name_of(what), ending), name=what)


async def _ends_and_goes_on(setting: Setting, worker: Worker, name: str, ending: Ending) -> None:
    await setting.register(worker, name, ending)
    await setting.send(name, "before", "bad", "behind")

    async def is_down() -> bool:
        status = await _status(worker, name)
        return not status["running"] and ending.reason in (status["error"] or "") and status["numRestarts"] >= 1

    await eventually(is_down)
    setting.healed(name).touch()
    await setting.outputs(name, "before!", "bad!", "behind!")
    await setting.send(name, "after")
    await setting.outputs(name, "after!")
    status = await _status(worker, name)
    assert (status["running"], status["error"]) == (True, "")
    assert any(ending.reason in one["exceptionString"] for one in status["latestSystemExceptions"])
    assert (await worker.http.delete(url(name))).status_code == 204


async def test_a_fatal_signal_under_the_thread_runtime_ends_the_worker_and_the_next_one_goes_on(
    broker: Broker, client: pulsar.asyncio.Client, tmp_path: Path
) -> None:
    async with AsyncExitStack() as closing:
        cluster = Cluster(tmp_path, broker, f"public/{name_of('endings')}", {}, closing, "thread")
        setting, worker, name = Setting(cluster, client, tmp_path), await cluster.start("worker"), name_of("fatal")
        await eventually(worker.leads)
        await setting.register(worker, name, Ending("os.kill(os.getpid(), signal.SIGSEGV)", ""))
        await setting.send(name, "before", "bad", "behind")
        assert await asyncio.wait_for(worker.process.wait(), WAIT_SECONDS) == -signal.SIGSEGV
        setting.healed(name).touch()
        worker = await cluster.start("worker")
        await setting.outputs(name, "before!", "bad!", "behind!")
        assert (await worker.http.delete(url(name))).status_code == 204


async def _status(worker: Worker, name: str) -> dict[str, Any]:
    answer = await worker.http.get(f"{url(name)}/status")
    instances = answer.json().get("instances") if answer.status_code == 200 else None
    nothing = {"running": False, "error": "", "numRestarts": 0, "latestSystemExceptions": []}
    return dict(instances[0]["status"]) if instances else nothing
