"""A running cluster: what tests use."""

import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import attrs
from kubernetes import client

from tests.rig.errors import RigError
from tests.rig.kubernetes.binaries import kubernetes_binaries
from tests.rig.kubernetes.control_plane import start_controllers, start_store
from tests.rig.kubernetes.credentials import NODE, Credentials
from tests.rig.kubernetes.images import Image, Layer
from tests.rig.kubernetes.namespaces import held_namespaces
from tests.rig.kubernetes.node import PAUSE_IMAGE, containerd_socket, start_containerd, start_node
from tests.rig.kubernetes.objects import announce_dns, api_answers, api_client, node_is_ready, service_account_exists
from tests.rig.kubernetes.place import Place, claimed_place
from tests.rig.kubernetes.prerequisites import require_kubernetes
from tests.rig.server import Server

START_SECONDS = 180
IMPORT_SECONDS = 300


@attrs.frozen
class Cluster:
    """`kubeconfig` is an administrator's; `host` is the address at which pods find servers that tests start."""

    kubeconfig: Path
    host: str
    _import_archive: Callable[[Image], None]

    def api(self) -> client.ApiClient:
        """For `kubernetes.client.CoreV1Api(cluster.api())` and its like."""
        return api_client(self.kubeconfig)

    @contextmanager
    def namespace(self, prefix: str = "test") -> Iterator[str]:
        """A fresh namespace in which pods can be made; with all that is in it, it is deleted afterwards."""
        core = client.CoreV1Api(self.api())
        name = f"{prefix}-{uuid.uuid4().hex[:8]}"
        core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
        try:
            wait_until(lambda: service_account_exists(core, name), f"the service account of namespace {name}")
            yield name
        finally:
            core.delete_namespace(name)

    def load_image(self, image: Image) -> None:
        """Give the node an image; pods run it with `imagePullPolicy` IfNotPresent or Never."""
        self._import_archive(image)


@contextmanager
def running_cluster(logs: Path) -> Iterator[Cluster]:
    """A cluster of our own; each program's output goes to a file in `logs`.

    Raises `MissingPrerequisiteError` if it cannot run here, `RigError` if it does not start.
    """
    require_kubernetes()
    binaries = kubernetes_binaries()
    with claimed_place() as place, held_namespaces(place, logs) as namespaces:
        credentials = Credentials.make(place.folder / "credentials", place)
        kubeconfig = credentials.kubeconfig("admin")
        cluster = Cluster(kubeconfig, place.host, lambda image: _import(place, image.write))
        start_store(namespaces, binaries, place, credentials)
        start_containerd(namespaces, place)
        wait_until(lambda: api_answers(cluster.api()), "the API server", namespaces.servers)
        start_controllers(namespaces, binaries, credentials)
        wait_until(lambda: _containerd_answers(place), "containerd", namespaces.servers)
        cluster.load_image(_pause_image(binaries, place.folder))
        start_node(namespaces, binaries, place, credentials)
        announce_dns(cluster.api(), place)
        wait_until(lambda: node_is_ready(cluster.api(), NODE), "the node", namespaces.servers)
        yield cluster


def wait_until(true: Callable[[], bool], what: str, servers: Sequence[Server] = ()) -> None:
    """Raises `RigError`, which shows the ends of the logs, when a server ended or time is over."""
    deadline = time.monotonic() + START_SECONDS
    while not true():
        ended = [server for server in servers if server.process.poll() is not None]
        if ended or time.monotonic() > deadline:
            logs = "\n".join(f"--- {server.name}\n{server.end_of_log()}" for server in ended or servers)
            raise RigError(f"waited in vain for {what} of Kubernetes\n{logs}")
        time.sleep(0.2)


def _pause_image(binaries: Path, folder: Path) -> Image:
    tar = folder / "pause.tar"
    subprocess.run(["tar", "cf", tar, "-C", binaries, "pause"], check=True, timeout=IMPORT_SECONDS)
    return Image(PAUSE_IMAGE, (Layer.of(tar),), entrypoint=["/pause"])


def _import(place: Place, write: Callable[[IO[bytes]], None]) -> None:
    command = [*_ctr(place), "images", "import", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            write(process.stdin)
            process.stdin.close()
            output = process.stdout.read().decode()
        finally:
            process.stdin.close()
    if process.wait(IMPORT_SECONDS):
        raise RigError(f"{' '.join(command)} failed: {output}")


def _containerd_answers(place: Place) -> bool:
    return subprocess.run([*_ctr(place), "version"], capture_output=True, check=False, timeout=60).returncode == 0


def _ctr(place: Place) -> list[str]:
    return ["ctr", "--address", str(containerd_socket(place)), "--namespace", "k8s.io"]
