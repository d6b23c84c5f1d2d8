"""Workers under the process runtime beside a real broker, and what a test asks of them."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import yaml

from tests.plugins.runtime_process.real_broker.processes import Process
from tests.rig.broker import Broker
from tests.rig.java_worker import worker_configuration
from tests.rig.ports import free_port
from tests.rig.server import Server
from tests.rig.waiting import until

NAMESPACE = "public/default"


@attrs.frozen
class Worker:
    """A running worker, ours or upstream's, by its REST interface and its processes."""

    web_service_url: str
    server: Server
    folder: Path

    def register(self, config: Mapping[str, Any], package: Path) -> None:
        """Register a function and wait until its instance runs."""
        self.submit(config, package)
        until(lambda: self.status(config["name"])["running"], lambda: self.explain(config["name"]))

    def submit(self, config: Mapping[str, Any], package: Path) -> None:
        """Register a function."""
        with package.open("rb") as data:
            answer = httpx2.post(
                self._url(config["name"]),
                files={"functionConfig": (None, json.dumps(config), "application/json"), "data": (package.name, data)},
                timeout=60,
            )
        assert answer.status_code == httpx2.codes.NO_CONTENT, answer.text

    def status(self, name: str) -> dict[str, Any]:
        """What the only instance says of itself; `running` False while there is none."""
        answer = httpx2.get(f"{self._url(name)}/status", timeout=30)
        instances = answer.json().get("instances", []) if answer.is_success else []
        return instances[0]["status"] if instances else {"running": False}

    def stats(self, name: str) -> dict[str, Any]:
        """The function's statistics."""
        return dict(httpx2.get(f"{self._url(name)}/stats", timeout=30).raise_for_status().json())

    def metrics(self) -> str:
        """The text of /metrics."""
        return httpx2.get(f"{self.web_service_url}/metrics", timeout=30, follow_redirects=True).raise_for_status().text

    def delete(self, name: str) -> None:
        """Delete a function and wait until its process is gone."""
        process = self.process(name)
        httpx2.delete(self._url(name), timeout=60).raise_for_status()
        until(lambda: not process.is_alive, lambda: f"{process} of {name} outlives the function")

    def process(self, name: str) -> Process:
        """The process of a function's only instance."""
        return until(lambda: self._process(name), lambda: self.explain(name))

    def environment(self) -> dict[str, str]:
        """The worker's own environment."""
        return Process(self.server.process.pid).environment

    def explain(self, name: str) -> str:
        """What may tell why a function does not run."""
        status = httpx2.get(f"{self._url(name)}/status", timeout=30).text
        logs = sorted((self.folder / "logs").rglob(f"{name}-*"))
        words = [f"{log.name}:\n{log.read_text(errors='replace')[-2000:]}" for log in logs]
        return "\n".join([status, *words, f"worker:\n{self.server.end_of_log()}"])

    def _process(self, name: str) -> Process | None:
        children = Process(self.server.process.pid).descendants()
        return next((child for child in children if _runs(child, name)), None)

    def _url(self, name: str) -> str:
        return f"{self.web_service_url}/admin/v3/functions/{NAMESPACE}/{name}"


def _runs(process: Process, name: str) -> bool:
    """Whether it is the instance of a function, and no longer our launcher: by its package or its folder for logs."""
    command = " ".join(process.command)
    is_of_it = any(f"/{NAMESPACE}/{name}{end}" in command for end in ("/", " "))
    return is_of_it and "launcher.py" not in command


@contextmanager
def running_pulsemill_worker(
    folder: Path, broker: Broker, environ: Mapping[str, str], factory: Mapping[str, str]
) -> Iterator[Worker]:
    """`pulsemill worker` with the configuration of upstream's; `factory` adds to the runtime factory's."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = worker_configuration(folder, broker, "process", free_port())
    configuration["functionRuntimeFactoryConfigs"] |= factory
    conf = folder / "functions_worker.yml"
    conf.write_text(yaml.safe_dump(configuration))
    server = Server.start(
        "worker", [sys.executable, "-m", "pulsemill", "worker", "-c", os.fspath(conf)], folder, environ
    )
    address = f"http://127.0.0.1:{configuration['workerPort']}"
    server.wait_for(f"{address}/admin/v2/worker/cluster/leader/ready", "true")
    try:
        yield Worker(address, server, folder)
    finally:
        server.stop()
