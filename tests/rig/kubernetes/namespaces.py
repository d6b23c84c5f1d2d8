"""Linux namespaces that hold a cluster: its processes, mounts, network interfaces and packet filter rules.

One process holds them. When it ends, and it ends with ours even if ours is killed, the kernel ends all processes in
them, containers too, and drops mounts, interfaces and rules: nothing is left on the machine.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from tests.rig.errors import RigError
from tests.rig.kubernetes.place import Place
from tests.rig.server import Server

START_SECONDS = 20
COMMAND_SECONDS = 60
BRIDGE = "rig0"
BRIDGE_MAC = "02:00:00:00:88:02"  # a bridge without one of its own changes it with its ports
# Process 1 inherits all orphans; ignoring SIGCHLD lets the kernel bury them.
HOLD = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); print('held', flush=True); signal.pause()"
UNSHARE = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
# Where Kubernetes and containerd write whatever they are told.
HIDDEN = ("/run", "/var/log", "/var/lib/cni", "/var/lib/kubelet")


@attrs.frozen
class Namespaces:
    """`process` is the number, outside, of process 1 inside; output of all `servers` goes to `logs`."""

    process: int
    logs: Path
    servers: list[Server]

    def run(self, *command: str) -> None:
        """Run a short command inside. Raises `RigError` with its output."""
        _run(*self._entered(*command))

    def start(self, name: str, *command: str | Path) -> None:
        """Start a server inside; it ends with the namespaces."""
        self.servers.append(Server.start(name, self._entered(*map(str, command)), self.logs, {}))

    def _entered(self, *command: str) -> list[str]:
        return ["nsenter", f"--target={self.process}", "--mount", "--net", "--pid", "--", *command]


@contextmanager
def held_namespaces(place: Place, logs: Path) -> Iterator[Namespaces]:
    """Namespaces with a bridge for pods, linked to the machine outside as `Place` says."""
    holder = Server.start("namespaces", [*UNSHARE, sys.executable, "-c", HOLD], logs, {})
    servers: list[Server] = []
    try:
        namespaces = Namespaces(_child(holder), logs, servers)
        _mount(namespaces)
        _link(namespaces, place)
        yield namespaces
    finally:
        for server in (holder, *servers):
            server.kill()
        _unlink(place)


def _child(holder: Server) -> int:
    """The process that `unshare` forked, once it runs what it was told."""
    deadline = time.monotonic() + START_SECONDS
    while "held" not in holder.end_of_log():
        if holder.process.poll() is not None or time.monotonic() > deadline:
            raise RigError(f"no namespaces for Kubernetes: {holder.end_of_log()}")
        time.sleep(0.05)
    pid = holder.process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())


def _mount(namespaces: Namespaces) -> None:
    for folder in HIDDEN:
        Path(folder).mkdir(parents=True, exist_ok=True)
        namespaces.run("mount", "-t", "tmpfs", "-o", "mode=755", "rig", folder)


def _unlink(place: Place) -> None:
    """The kernel does it too, but not at once."""
    with suppress(RigError):
        _run("ip", "link", "delete", place.link)


def _link(namespaces: Namespaces, place: Place) -> None:
    _unlink(place)  # of a run that was just killed
    peer = ["type", "veth", "peer", "name", "outside", "netns", str(namespaces.process)]
    _run("ip", "link", "add", place.link, *peer)
    _run("ip", "address", "add", f"{place.host}/24", "dev", place.link)
    _run("ip", "link", "set", place.link, "up")
    _run("ip", "route", "add", place.services, "via", place.node)
    for command in (
        "ip link set lo up",
        f"ip link add {BRIDGE} address {BRIDGE_MAC} type bridge",
        f"ip address add {place.node}/24 dev {BRIDGE}",
        f"ip link set {BRIDGE} up",
        f"ip link set outside master {BRIDGE} up",
        f"ip route add default via {place.host}",
    ):
        namespaces.run(*command.split())
    namespaces.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)
    if done.returncode:
        raise RigError(f"{' '.join(command)} failed: {(done.stderr + done.stdout).strip()}")
