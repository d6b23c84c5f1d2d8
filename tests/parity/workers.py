"""Our worker beside a broker, as users start it."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import yaml

from tests.rig.broker import Broker
from tests.rig.distribution import pulsar_home
from tests.rig.java_worker import worker_configuration
from tests.rig.ports import free_port
from tests.rig.server import Server

IDLE = {"functionRuntimeFactoryClassName": "tests.parity.idle_runtime:IdleRuntimeFactory"}
ROOT = Path(__file__).parents[2]


@attrs.frozen
class PulsemillWorker:
    """A running worker of ours."""

    server: Server
    web_service_url: str


@contextmanager
def running_worker(
    folder: Path, broker: Broker, runtime: str = "process", settings: Mapping[str, Any] | None = None
) -> Iterator[PulsemillWorker]:
    """`pulsemill worker` with the configuration that the Java worker gets, but for `settings`."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    configuration = worker_configuration(folder, broker, runtime, port) | dict(settings or {})
    # Both workers keep functions of the same names, and packages that both stored would be versions of one.
    configuration |= {"workerId": f"pulsemill-{port}", "functionsWorkerEnablePackageManagement": False}
    (folder / "functions_worker.yml").write_text(yaml.safe_dump(configuration))
    command = [sys.executable, "-m", "pulsemill", "worker", "-c", str(folder / "functions_worker.yml")]
    server = Server.start("pulsemill", command, folder, _environ())
    address = f"http://127.0.0.1:{port}"
    server.wait_for(f"{address}/admin/v2/worker/cluster/leader/ready", "true")
    try:
        yield PulsemillWorker(server, address)
    finally:
        server.stop()


def _environ() -> dict[str, str]:
    """What the idle runtime and Java instances are found by."""
    return {"PYTHONPATH": os.fspath(ROOT), "PULSAR_HOME": os.fspath(pulsar_home())}


def make_namespaces(broker: Broker, tenant: str, *namespaces: str) -> None:
    """Create a tenant and namespaces in it, if they are not there."""
    admin = f"{broker.web_service_url}/admin/v2"
    everything = {"allowedClusters": ["standalone"], "adminRoles": []}
    accepted = {204, 409}
    assert httpx2.put(f"{admin}/tenants/{tenant}", json=everything).status_code in accepted
    for namespace in namespaces:
        assert httpx2.put(f"{admin}/namespaces/{tenant}/{namespace}").status_code in accepted
