"""The workers whose start is measured, and the broker that they share."""

import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import yaml

PULSEMILL = str(Path(sys.executable).with_name("pulsemill"))
PROCESS_RUNTIME = "org.apache.pulsar.functions.runtime.process.ProcessRuntimeFactory"

# Upstream's default collector maps its heap several times over, which counts as resident each time.
SMALL_JVM = {"PULSAR_MEM": "-Xmx512m", "PULSAR_GC": "-XX:+UseG1GC"}


@attrs.frozen
class Contender:
    """A worker to measure. `command` gets a folder of its own and the port to listen on."""

    name: str
    command: Callable[[Path, int], list[str]]
    environment: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Broker:
    """Where workers that have no broker of their own find one."""

    service_url: str
    web_service_url: str = ""

    def add_namespace(self, name: str) -> None:
        """Create a functions namespace, where namespaces have to exist."""
        if self.web_service_url:
            httpx2.put(f"{self.web_service_url}/admin/v2/namespaces/{name}").raise_for_status()


def contenders(broker: Broker, home: Path | None) -> list[Contender]:
    """Who takes part."""
    ours = [
        Contender(f"standalone, {runtime} runtime", standalone_command(runtime)) for runtime in ("process", "thread")
    ]
    ours.append(Contender("worker, process runtime", worker_command(broker)))
    return [*ours, java_worker(home, broker)] if home else ours


def standalone_command(runtime: str) -> Callable[[Path, int], list[str]]:
    """`pulsemill standalone`."""

    def command(folder: Path, port: int) -> list[str]:
        return [PULSEMILL, "standalone", "--data", str(folder / "data"), "--port", str(port), "--runtime", runtime]

    return command


def worker_command(broker: Broker) -> Callable[[Path, int], list[str]]:
    """`pulsemill worker`."""

    def command(folder: Path, port: int) -> list[str]:
        path = folder / "functions_worker.yml"
        path.write_text(yaml.safe_dump(settings(folder, port, broker)))
        return [PULSEMILL, "worker", "-c", str(path)]

    return command


def java_worker(home: Path, broker: Broker) -> Contender:
    """Upstream's worker on its stock configuration, but for what has to be its own."""

    def command(folder: Path, port: int) -> list[str]:
        stock = yaml.safe_load((home / "conf/functions_worker.yml").read_text())
        path = folder / "functions_worker.yml"
        path.write_text(yaml.safe_dump(stock | settings(folder, port, broker)))
        return ["env", f"PULSAR_WORKER_CONF={path}", str(home / "bin/pulsar"), "functions-worker"]

    return Contender("upstream's worker, process runtime", command, SMALL_JVM)


def settings(folder: Path, port: int, broker: Broker) -> dict[str, Any]:
    """What a worker beside a broker needs, in a functions namespace of its own."""
    namespace = f"public/bench-{port}"
    broker.add_namespace(namespace)
    return {
        "workerId": f"bench-{port}",
        "workerHostname": "127.0.0.1",
        "workerPort": port,
        "pulsarServiceUrl": broker.service_url,
        # Without an admin API, as pulsar-lite, a worker is a cluster of its own.
        "pulsarWebServiceUrl": broker.web_service_url or "",
        "pulsarFunctionsCluster": "standalone",
        "pulsarFunctionsNamespace": namespace,
        "numFunctionPackageReplicas": 1,
        "downloadDirectory": str(folder / "download"),
        "functionRuntimeFactoryClassName": PROCESS_RUNTIME,
        "functionRuntimeFactoryConfigs": {"logDirectory": str(folder / "logs")},
    }


@contextmanager
def broker_of_our_own() -> Iterator[Broker]:
    """A pulsar-lite broker for the time of the measurements."""
    from pulsar_lite.binary_finder import find_pulsar_lite_binary  # noqa: PLC0415 not needed beside a real broker

    port = free_port()
    with tempfile.TemporaryDirectory(prefix="pulsemill-startup-") as folder:
        config = Path(folder, "broker.toml")
        config.write_text("[metrics]\nenabled = false\n")
        command = [find_pulsar_lite_binary(), "--addr", f"127.0.0.1:{port}", "--db-path", f"{folder}/db"]
        process = subprocess.Popen([*command, "--config", str(config), "--log-level", "error"])
        try:
            yield Broker(f"pulsar://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
