"""The programs of a cluster, built once from Go modules: no registry or download site is needed, only a Go proxy."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.errors import RigError
from tests.rig.kubernetes.prerequisites import require_go

KUBERNETES_VERSION = "1.34.4"
ETCD_VERSION = "3.6.4"
COREDNS_VERSION = "1.15.0"
COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")
BUILD_SECONDS = 2400
SIGN_OF_LIFE_SECONDS = 30

# The sandbox of a pod needs one program that waits.
PAUSE = """package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}
"""


def kubernetes_binaries() -> Path:
    """The folder of kube-apiserver, kubelet, ..., etcd, coredns and pause; about 7 minutes on 2 cores, once.

    Raises `MissingPrerequisiteError` if they are not built yet and Go lacks, `RigError` if Go fails.
    """
    return cached(f"kubernetes-{KUBERNETES_VERSION}", _build)


def _build(binaries: Path) -> None:
    require_go()
    with tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as folder:
        for build in (_kubernetes, _coredns, _pause):
            build(_module(Path(folder) / build.__name__), binaries)


def _kubernetes(module: Path, binaries: Path) -> None:
    whole = f"k8s.io/kubernetes@v{KUBERNETES_VERSION}"
    _go(module, f"fetching Kubernetes {KUBERNETES_VERSION}", "mod", "download", whole)
    with (module / "go.mod").open("a") as declared:
        declared.writelines(f"replace {line}\n" for line in _published(_module_cache() / whole))
    programs = [f"k8s.io/kubernetes/cmd/{component}" for component in COMPONENTS]
    etcd = "go.etcd.io/etcd/server/v3"
    wanted = [*(f"{program}@v{KUBERNETES_VERSION}" for program in programs), f"{etcd}@v{ETCD_VERSION}"]
    _go(module, "resolving its modules", "get", "-tool", *wanted)
    version = f"-s -w -X k8s.io/component-base/version.gitVersion=v{KUBERNETES_VERSION}"
    build = ["build", f"-ldflags={version}", "-o", f"{binaries}/"]
    _go(module, f"building Kubernetes {KUBERNETES_VERSION}, 5 minutes on 2 cores", *build, *programs)
    _go(module, f"building etcd {ETCD_VERSION}", "build", "-ldflags=-s -w", "-o", f"{binaries}/etcd", etcd)


def _coredns(module: Path, binaries: Path) -> None:
    package = "github.com/coredns/coredns"
    _go(module, f"resolving CoreDNS {COREDNS_VERSION}", "get", "-tool", f"{package}@v{COREDNS_VERSION}")
    _go(module, "building it, 2 minutes", "build", "-ldflags=-s -w", "-o", f"{binaries}/coredns", package)


def _pause(module: Path, binaries: Path) -> None:
    (module / "main.go").write_text(PAUSE)
    _go(module, "building the pods' sandbox", "build", "-ldflags=-s -w", "-o", f"{binaries}/pause", ".")


def _module(folder: Path) -> Path:
    folder.mkdir()
    (folder / "go.mod").write_text("module rig\n\ngo 1.26.0\n\n")
    return folder


def _module_cache() -> Path:
    shown = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True, timeout=60).stdout
    return Path(shown.strip())


def _published(source: Path) -> Iterator[str]:
    """Kubernetes replaces its staging modules by folders of its own; they are published as v0.MINOR.PATCH."""
    version = f"v0.{KUBERNETES_VERSION.partition('.')[2]}"
    for module in re.findall(r"^\s+(k8s\.io/[a-z-]+) => \./staging", (source / "go.mod").read_text(), re.MULTILINE):
        yield f"{module} => {module} {version}"


def _go(module: Path, doing: str, *arguments: str) -> None:
    """Run `go`, with a line on stderr at its start and a sign of life from time to time."""
    print(f"kubernetes: {doing}", file=sys.stderr, flush=True)
    with (module / "go.log").open("w+") as log:
        code = _run(["go", *arguments], module, {**os.environ, "CGO_ENABLED": "0"}, log.fileno())
        log.seek(0)
        if code:
            raise RigError(f"kubernetes: {doing} failed:\n{log.read()[-3000:]}")


def _run(command: Sequence[str], folder: Path, environ: Mapping[str, str], log: int) -> int:
    started = time.monotonic()
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log) as process:
        while True:
            try:
                return process.wait(SIGN_OF_LIFE_SECONDS)
            except subprocess.TimeoutExpired:
                passed = time.monotonic() - started
                if passed > BUILD_SECONDS:
                    process.kill()
                print(f"kubernetes: still at it after {passed:.0f} s", file=sys.stderr, flush=True)
            except BaseException:
                process.kill()
                raise
