"""What images of pods are made of: Debian with Python, made once and kept in the rig's cache, and what is ours."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.errors import RigError
from tests.rig.kubernetes.images import Layer, pack_root_file_system

DEBIAN = "bookworm"
PACKAGES = ("python3", "ca-certificates")
JAVA_PACKAGES = (*PACKAGES, "openjdk-17-jre-headless")
DEBIAN_PYTHON = "3.11"
SITE_PACKAGES = f"usr/local/lib/python{DEBIAN_PYTHON}/dist-packages"
EVERYWHERE = "pulsemill-instance"
CHECKOUT = Path(__file__).parents[3]
INSTALL_SECONDS = 900


def debian_layer() -> Layer:
    """Debian's smallest system with Python 3.11 and certificates of authorities; a minute and 100 MB, once.

    Raises `RigError` if it cannot be fetched.
    """
    return _kept(cached(f"debian-{DEBIAN}-python", lambda folder: _debian(folder, PACKAGES)))


def debian_java_layer() -> Layer:
    """As `debian_layer`, with Java 17: what the official image has besides the distribution; 200 MB more."""
    return _kept(cached(f"debian-{DEBIAN}-java", lambda folder: _debian(folder, JAVA_PACKAGES)))


def install(requirements: Sequence[str], folder: Path) -> None:
    """Install distributions of this workspace, such as `pulsemill-instance[avro]`, for Debian's Python into `folder`.

    With them come their dependencies, as locked.
    """
    with tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as built:
        lists = [_dependencies(requirement, Path(built)) for requirement in requirements]
        for name in dict.fromkeys([EVERYWHERE, *(requirement.partition("[")[0] for requirement in requirements)]):
            _uv("build", "--quiet", "--wheel", "--package", name, "--out-dir", built)
        wheels = sorted(map(str, Path(built).glob("*.whl")))
        target = ["--target", str(folder), "--python-version", DEBIAN_PYTHON, "--python-platform", _platform()]
        chosen = [word for each in lists for word in ("-r", str(each))]
        _uv("pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", *target, *chosen, *wheels)


def install_published(requirements: Sequence[str], folder: Path) -> None:
    """Install distributions of the package index for Debian's Python into `folder`."""
    target = ["--target", str(folder), "--python-version", DEBIAN_PYTHON, "--python-platform", _platform()]
    _uv("pip", "install", "--quiet", *target, *requirements)


def _dependencies(requirement: str, folder: Path) -> Path:
    name, _, rest = requirement.partition("[")
    extras = [f"--extra={extra}" for extra in rest.rstrip("]").split(",") if extra]
    wanted = folder / f"{name}.txt"
    export = ["export", "--quiet", "--locked", "--no-dev", "--no-emit-workspace", "--no-hashes", *extras]
    _uv(*export, "--package", name, "--output-file", str(wanted))
    return wanted


def _platform() -> str:
    return f"{platform.machine()}-manylinux_2_36"


def _kept(folder: Path) -> Layer:
    return Layer(folder / "layer.tar", json.loads((folder / "digest.json").read_text()))


def _debian(folder: Path, packages: Sequence[str]) -> None:
    print(f"kubernetes: fetching Debian {DEBIAN} for images, 1 minute", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as work:
        root = Path(work) / "root"
        _checked("debootstrap", "--variant=minbase", f"--include={','.join(packages)}", DEBIAN, str(root))
        for archive in (root / "var/cache/apt/archives").glob("*.deb"):
            archive.unlink()
        layer = pack_root_file_system(root, folder / "layer.tar")
    (folder / "digest.json").write_text(json.dumps(layer.digest))


def _uv(*arguments: str) -> None:
    _checked(os.environ.get("UV", "uv"), *arguments)


def _checked(*command: str) -> None:
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    if done.returncode:
        raise RigError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
