"""The cluster's promises: pods of loaded images run, find names and reach servers of this machine."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import httpx2
import pulsar
import pytest
from kubernetes import client

from tests.rig.broker import Broker
from tests.rig.kubernetes.cluster import Cluster, wait_until
from tests.rig.kubernetes.images import Image, pack_layer
from tests.rig.kubernetes.place import CONTROL_GROUPS, Place, claimed_place, remove_leftovers
from tests.rig.kubernetes.pods import pod, run_pod, start_pod
from tests.rig.kubernetes.prerequisites import go_version

RECEIVE_MILLIS = 60_000
SERVE = "import time; print('up', flush=True); time.sleep(600)"


@pytest.mark.kubernetes
def test_a_pod_of_a_loaded_image_runs_and_its_log_can_be_read(
    cluster: Cluster, kubernetes_namespace: str, function_image: Image
) -> None:
    program = "import pulsemill_instance, sys; print(sys.version_info[:2], pulsemill_instance.__name__)"
    log = run_pod(cluster, kubernetes_namespace, pod("says", function_image.reference, "python3", "-c", program))
    assert log == "(3, 11) pulsemill_instance\n"


@pytest.mark.kubernetes
def test_a_pod_resolves_a_headless_service(cluster: Cluster, kubernetes_namespace: str, function_image: Image) -> None:
    labels = {"app": "serves"}
    served = pod("serves", function_image.reference, "python3", "-c", SERVE, labels=labels)
    address = start_pod(cluster, kubernetes_namespace, served)
    spec = client.V1ServiceSpec(cluster_ip="None", selector=labels, ports=[client.V1ServicePort(port=80)])
    service = client.V1Service(metadata=client.V1ObjectMeta(name="headless"), spec=spec)
    client.CoreV1Api(cluster.api()).create_namespaced_service(kubernetes_namespace, service)

    names = ["headless", f"headless.{kubernetes_namespace}.svc.cluster.local"]
    log = run_pod(cluster, kubernetes_namespace, pod("asks", function_image.reference, "python3", "-c", _ask(names)))
    assert log.split() == [address, address]


def _ask(names: list[str]) -> str:
    """A program that prints the addresses of names; a new service's takes a moment to be known."""
    return f"""
import socket, time
def ask(name):
    for _ in range(300):
        try:
            return socket.gethostbyname(name)
        except OSError:
            time.sleep(0.2)
print(*map(ask, {names!r}))
"""


@pytest.mark.kubernetes
def test_this_machine_reaches_a_pod(cluster: Cluster, kubernetes_namespace: str, function_image: Image) -> None:
    command = ("python3", "-m", "http.server", "--directory", "/etc", "8000")
    address = start_pod(cluster, kubernetes_namespace, pod("serves", function_image.reference, *command))
    transport = httpx2.HTTPTransport(retries=10)  # it runs before it listens
    with httpx2.Client(transport=transport) as asking:
        assert asking.get(f"http://{address}:8000/debian_version").text.startswith("12")


@pytest.mark.kubernetes
@pytest.mark.pulsar
def test_a_pod_reaches_the_broker(
    cluster: Cluster, kubernetes_namespace: str, cluster_broker: Broker, function_image: Image
) -> None:
    topic = f"persistent://public/default/{kubernetes_namespace}"
    send = f"""
import pulsar
client = pulsar.Client({cluster_broker.service_url!r})
client.create_producer({topic!r}).send(b'from a pod')
client.close()
"""
    reading = pulsar.Client(cluster_broker.service_url)
    try:
        consumer = reading.subscribe(topic, "test")
        run_pod(cluster, kubernetes_namespace, pod("sends", function_image.reference, "python3", "-c", send))
        assert consumer.receive(RECEIVE_MILLIS).data() == b"from a pod"
    finally:
        reading.close()


@pytest.mark.kubernetes
def test_a_killed_run_leaves_no_process_and_no_interface(cluster: Cluster, tmp_path: Path) -> None:
    program = f"""
import time
from pathlib import Path
from tests.rig.kubernetes.namespaces import held_namespaces
from tests.rig.kubernetes.place import claimed_place
with claimed_place() as place, held_namespaces(place, Path({str(tmp_path)!r})) as namespaces:
    namespaces.start("sleeper", "sleep", "1000")
    print(namespaces.process, place.link, flush=True)
    time.sleep(1000)
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        process, link = run.stdout.readline().split()
        assert Path(f"/sys/class/net/{link}").exists()
        run.kill()
    wait_until(lambda: not Path(f"/proc/{process}").exists(), "the end of the namespaces")
    wait_until(lambda: not Path(f"/sys/class/net/{link}").exists(), "the end of the interface")


@pytest.mark.kubernetes
def test_what_a_killed_run_left_is_gone_when_its_place_is_taken_again(cluster: Cluster) -> None:
    with claimed_place() as place:
        number = place.number
        (place.folder / "left").touch()
        group = next(CONTROL_GROUPS.glob(f"**/{place.control_group}"))
        (group / "left").mkdir()
        remove_leftovers(place)
        assert not place.folder.exists()
        assert not list(CONTROL_GROUPS.glob(f"**/{Place(number).control_group}"))


def test_an_image_holds_what_its_manifest_names(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "file").write_text("content")
    layer = pack_layer(root, tmp_path / "layer.tar")
    archive = io.BytesIO()
    Image("docker.io/rig/test:1", (layer,), entrypoint=["/file"]).write(archive)
    archive.seek(0)
    with tarfile.open(fileobj=archive) as tar:
        blobs = {name.removeprefix("blobs/sha256/") for name in tar.getnames() if name.startswith("blobs/")}
        index = json.loads(_content(tar, "index.json"))
        (described,) = index["manifests"]
        manifest = json.loads(_content(tar, f"blobs/{described['digest'].replace(':', '/')}"))
    named = [described, manifest["config"], *manifest["layers"]]
    assert {one["digest"].removeprefix("sha256:") for one in named} == blobs
    assert described["annotations"]["io.containerd.image.name"] == "docker.io/rig/test:1"


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


def test_places_share_no_address() -> None:
    first, second = Place(0), Place(1)
    for name in ("host", "node", "network", "services", "dns_service", "link", "folder", "control_group"):
        assert getattr(first, name) != getattr(second, name)


def test_interface_names_are_short_enough_for_linux() -> None:
    assert len(Place(9).link) <= 15


@pytest.mark.parametrize(
    ("shown", "version"), [("go version go1.26.8 linux/amd64", (1, 26)), ("go version devel", (0, 0))]
)
def test_go_says_its_version(shown: str, version: tuple[int, int]) -> None:
    assert go_version(shown) == version
