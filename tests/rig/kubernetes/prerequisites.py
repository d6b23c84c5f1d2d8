"""What must be installed to build and to run a cluster."""

import os
import re
import shutil
import subprocess
import sys

from tests.rig.errors import MissingPrerequisiteError

OLDEST_GO = (1, 26)
# Program: the Debian package that brings it.
PROGRAMS = {
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
}
NETWORK_PLUGINS = "/usr/lib/cni"


def require_kubernetes() -> None:
    """Raise `MissingPrerequisiteError`, which names everything that lacks, unless a cluster can run here."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise MissingPrerequisiteError("Kubernetes needs Linux and root")
    packages = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    if not os.path.exists(f"{NETWORK_PLUGINS}/bridge"):  # noqa: PTH110 a path of the system's, not of ours
        packages.add("containernetworking-plugins")
    if packages:
        raise MissingPrerequisiteError(f"Kubernetes needs Debian packages: apt install {' '.join(sorted(packages))}")


def require_go() -> None:
    """Raise `MissingPrerequisiteError` unless `go` can build Kubernetes and CoreDNS."""
    wanted = ".".join(map(str, OLDEST_GO))
    if shutil.which("go") is None:
        raise MissingPrerequisiteError(
            f"go {wanted} or newer is not installed; it builds Kubernetes: https://go.dev/dl"
        )
    shown = subprocess.run(["go", "version"], capture_output=True, text=True, check=False, timeout=60).stdout
    if go_version(shown) < OLDEST_GO:
        raise MissingPrerequisiteError(f"go is too old to build Kubernetes, {wanted} is needed: {shown.strip()}")


def go_version(shown: str) -> tuple[int, int]:
    """Major and minor version in what `go version` prints; (0, 0) if they are not there.

    >>> go_version("go version go1.26.8 linux/amd64")
    (1, 26)
    """
    found = re.search(r"go(\d+)\.(\d+)", shown)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)
