"""The image that function pods run: Debian with Python, and our program for one instance with what it needs.

Debian's part is made once and kept in the rig's cache; ours is a layer of its own, made for each run.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.errors import RigError
from tests.rig.kubernetes.images import Image, Layer, pack_layer, pack_root_file_system

REFERENCE = "docker.io/rig/pulsemill-function:1"
DEBIAN = "bookworm"
PACKAGES = "python3,ca-certificates"
DEBIAN_PYTHON = "3.11"
SITE_PACKAGES = f"usr/local/lib/python{DEBIAN_PYTHON}/dist-packages"
DISTRIBUTION = "pulsemill-instance"
EXTRAS = ("avro",)
CHECKOUT = Path(__file__).parents[3]
INSTALL_SECONDS = 900


def function_image(work: Path) -> Image:
    """An image whose `python3` runs `-m pulsemill_instance`; its layers are files in the cache and in `work`."""
    work.mkdir(parents=True, exist_ok=True)
    root = work / "root"
    install(DISTRIBUTION, EXTRAS, root / SITE_PACKAGES)
    return Image(REFERENCE, (debian_layer(), pack_layer(root, work / "instance.tar")))


def debian_layer() -> Layer:
    """Debian's smallest system with Python 3.11 and certificates of authorities; a minute and 100 MB, once.

    Raises `RigError` if it cannot be fetched.
    """
    kept = cached(f"debian-{DEBIAN}-python", _debian)
    return Layer(kept / "layer.tar", json.loads((kept / "digest.json").read_text()))


def install(distribution: str, extras: tuple[str, ...], folder: Path) -> None:
    """Install a distribution of this workspace and its locked dependencies, for Debian's Python, into `folder`."""
    with tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as built:
        wanted = Path(built) / "requirements.txt"
        chosen = [f"--extra={extra}" for extra in extras]
        export = ["export", "--quiet", "--locked", "--no-dev", "--no-emit-workspace", "--no-hashes", *chosen]
        _uv(*export, "--package", distribution, "--output-file", str(wanted))
        _uv("build", "--quiet", "--wheel", "--package", distribution, "--out-dir", built)
        wheel = next(Path(built).glob("*.whl"))
        target = ["--target", str(folder), "--python-version", DEBIAN_PYTHON, "--python-platform", _platform()]
        _uv("pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", *target, "-r", str(wanted), str(wheel))


def _platform() -> str:
    return f"{platform.machine()}-manylinux_2_36"


def _debian(folder: Path) -> None:
    print(f"kubernetes: fetching Debian {DEBIAN} for images, 1 minute", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as work:
        root = Path(work) / "root"
        _checked("debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(root))
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
