"""Somebody else's cluster instead of one of our own.

| variable | |
|---|---|
| `PULSEMILL_TEST_CLUSTER` | `existing` |
| `KUBECONFIG` | an administrator's |
| `PULSEMILL_TEST_CLUSTER_LOAD` | the command that loads an image archive, such as `kind load image-archive` |
| `PULSEMILL_TEST_CLUSTER_HOST` | where pods find servers of this machine; by default its address towards the cluster |
"""

import os
import shlex
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from tests.rig.errors import RigError
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.images import Image
from tests.rig.kubernetes.objects import api_client

CHOICE = "PULSEMILL_TEST_CLUSTER"
LOAD = "PULSEMILL_TEST_CLUSTER_LOAD"
HOST = "PULSEMILL_TEST_CLUSTER_HOST"
LOAD_SECONDS = 300


def existing_is_wanted() -> bool:
    """Raises `RigError` if the variable says anything but `existing`."""
    chosen = os.environ.get(CHOICE, "")
    if chosen not in {"", "existing"}:
        raise RigError(f"{CHOICE}={chosen}: the only choice is 'existing'; without it, a cluster is started")
    return bool(chosen)


def existing_cluster() -> Cluster:
    """The cluster of KUBECONFIG. Raises `RigError` if there is none."""
    kubeconfig = Path(os.environ.get("KUBECONFIG", ""))
    if not kubeconfig.is_file():
        raise RigError(f"{CHOICE}=existing needs KUBECONFIG, the path of one file, not {str(kubeconfig)!r}")
    return Cluster(kubeconfig, os.environ.get(HOST) or _address_towards(kubeconfig), _load)


def _address_towards(kubeconfig: Path) -> str:
    server = urlsplit(api_client(kubeconfig).configuration.host)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:  # which sends nothing
        probe.connect((server.hostname, server.port or 443))
        return str(probe.getsockname()[0])


def _load(image: Image) -> None:
    command = shlex.split(os.environ.get(LOAD, ""))
    if not command:
        raise RigError(f"{LOAD} is needed to load {image.reference}, for example 'kind load image-archive'")
    with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
        image.write(archive)
        archive.flush()
        done = subprocess.run(
            [*command, archive.name], capture_output=True, text=True, check=False, timeout=LOAD_SECONDS
        )
    if done.returncode:
        raise RigError(f"{shlex.join(command)} failed: {(done.stdout + done.stderr)[-2000:]}")
