"""Workers of ours in processes of their own, that share a functions namespace on a real broker."""

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import yaml

from tests.rig.broker import Broker
from tests.rig.java_worker import worker_configuration
from tests.rig.ports import free_port
from tests.rig.waiting import WAIT_SECONDS, eventually

PROGRAM = [sys.executable, "-c", "from pulsemill.cli.main import main; main(prog_name='pulsemill')"]
# Fast enough for a test; a lost worker is given up after GRACE_SECONDS to two seconds more.
GRACE_SECONDS = 2
PERIODS = {"failureCheckFreqMs": 500, "rescheduleTimeoutMs": GRACE_SECONDS * 1000, "workerListProbeIntervalSec": 1}
CODE = b"def process(input):\n    return input + '!'\n"


@attrs.define
class Worker:
    """A worker of ours in a process of its own, and its REST API."""

    worker_id: str
    process: asyncio.subprocess.Process
    http: httpx2.AsyncClient
    log: Path

    async def leads(self) -> bool:
        return (await self.http.get("/admin/v2/worker/cluster/leader/ready")).status_code == 200

    async def members(self) -> set[str]:
        return {one["workerId"] for one in (await self.http.get("/admin/v2/worker/cluster")).json()}

    async def leader(self) -> str | None:
        return (await self.http.get("/admin/v2/worker/cluster/leader")).json().get("workerId")

    async def assignments(self) -> dict[str, list[str]]:
        answer = await self.http.get("/admin/v2/worker/assignments")
        return {worker: sorted(names) for worker, names in answer.json().items()}

    async def running(self, name: str) -> int:
        return int((await self.http.get(f"{url(name)}/status")).json().get("numRunning", 0))

    async def register(self, name: str, **config: Any) -> httpx2.Response:
        return await register(self.http, name, **config)


async def register(http: httpx2.AsyncClient, name: str, **config: Any) -> httpx2.Response:
    """Register a function that reads `<name>-in`, unless the configuration says otherwise (None: nothing there)."""
    given = {"className": "code", "runtime": "PYTHON", "inputs": [f"{name}-in"], "py": "code.py", **config}
    parts = {
        "functionConfig": (None, json.dumps(given), "application/json"),
        "data": ("code.py", CODE, "application/octet-stream"),
    }
    return await http.post(url(name), files=parts)


def url(name: str) -> str:
    return f"/admin/v3/functions/public/default/{name}"


@attrs.define
class Cluster:
    """Starts workers in one functions namespace; they end with the test."""

    folder: Path
    broker: Broker
    namespace: str
    settings: dict[str, Any]
    closing: AsyncExitStack
    runtime: str = "thread"

    async def start(self, worker_id: str) -> Worker:
        """Start a worker and wait until it takes requests."""
        return await self.closing.enter_async_context(self._running(worker_id))

    @asynccontextmanager
    async def _running(self, worker_id: str) -> AsyncIterator[Worker]:
        port = free_port()
        log = self.folder / f"{worker_id}.log"
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *PROGRAM, "worker", "-c", str(self._configuration(worker_id, port)), stdout=output, stderr=output
            )
        try:
            async with httpx2.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", timeout=30, follow_redirects=True
            ) as http:
                worker = Worker(worker_id, process, http, log)
                await eventually(lambda: is_initialized(worker))
                yield worker
        finally:
            await stop(process)

    def _configuration(self, worker_id: str, port: int) -> Path:
        configuration = {
            **worker_configuration(self.folder / worker_id, self.broker, self.runtime, port),
            "workerId": worker_id,
            "pulsarFunctionsNamespace": self.namespace,
            "pulsemill": {"packagesDirectory": str(self.folder / "packages")},
            **PERIODS,
            **self.settings,
        }
        file = self.folder / f"{worker_id}.yml"
        file.write_text(yaml.safe_dump(configuration))
        return file


async def stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()


async def is_initialized(worker: Worker) -> bool:
    if worker.process.returncode is not None:
        raise AssertionError(worker.log.read_text()[-2000:])
    try:
        return (await worker.http.get("/initialized")).status_code == 200
    except httpx2.TransportError:
        return False


async def leader_of(*workers: Worker) -> Worker:
    """The worker that leads, as soon as all know each other and agree on it: one that joins may take the lead."""
    ids = {worker.worker_id for worker in workers}
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            leading = [worker for worker in workers if await worker.leads()]
            views = [(await worker.members(), await worker.leader()) for worker in workers]
            if len(leading) == 1 and all(view == (ids, leading[0].worker_id) for view in views):
                return leading[0]
            await asyncio.sleep(0.1)


async def has(value: Awaitable[Any], expected: Any) -> bool:
    return bool(await value == expected)


def name_of(test: str) -> str:
    """A function's name that no other test uses: inputs are in a namespace for all."""
    return f"{test}-{uuid.uuid4().hex[:6]}"
