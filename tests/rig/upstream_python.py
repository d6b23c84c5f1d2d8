"""A Python environment in which upstream's Python instance runs; it ends without a word in any other."""

import subprocess
import sys
from pathlib import Path

from tests.rig.cache import cached_in_place

REQUIREMENTS = ("pulsar-client[avro,functions]==3.8.0", "protobuf>=5")
INSTALL_SECONDS = 600


def upstream_python() -> Path:
    """The interpreter; its folder has `python3`, which the Java worker looks up on PATH."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cached_in_place(f"upstream-python-avro-{version}", _install) / "bin/python3"


def _install(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=INSTALL_SECONDS)
    pip = [str(folder / "bin/python3"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *REQUIREMENTS], check=True, timeout=INSTALL_SECONDS)
