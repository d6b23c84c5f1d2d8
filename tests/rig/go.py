"""Builds the tests' Go programs; they are cached outside of the checkout, as everything that the rig fetches."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.errors import MissingPrerequisiteError, RigError

BUILD_SECONDS = 1200


def go_program(source: Path, name: str) -> Path:
    """The program of the Go module in the folder `source`. Raises `RigError`. A first build takes minutes."""
    if shutil.which("go") is None:
        raise MissingPrerequisiteError("go is not installed (https://go.dev/dl, 1.24 or newer); it builds Go programs")
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(source.iterdir()))).hexdigest()
    return cached(f"go-{name}-{digest[:12]}", lambda folder: _build(source, folder / name)) / name


def _build(source: Path, program: Path) -> None:
    command = ["go", "build", "-trimpath", "-o", str(program), "."]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    if done.returncode:
        raise RigError(f"{' '.join(command)} in {source} failed:\n{done.stderr[-2000:]}")
