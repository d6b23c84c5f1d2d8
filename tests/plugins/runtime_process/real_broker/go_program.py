"""Builds the Go function; the result is cached outside of the checkout, as everything that the rig fetches."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from tests.rig.cache import cached
from tests.rig.errors import MissingPrerequisiteError, RigError

SOURCE = Path(__file__).parents[1] / "go"
PROGRAM = "exclaim"
BUILD_SECONDS = 1200


def go_program() -> Path:
    """The function's program; raises `RigError` when it cannot be built. The first build takes minutes."""
    if shutil.which("go") is None:
        raise MissingPrerequisiteError(
            "go is not installed (https://go.dev/dl, 1.24 or newer); it builds the Go function"
        )
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(SOURCE.iterdir()))).hexdigest()
    return cached(f"go-function-{digest[:12]}", _build) / PROGRAM


def _build(folder: Path) -> None:
    command = ["go", "build", "-trimpath", "-o", str(folder / PROGRAM), "."]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    if done.returncode:
        raise RigError(f"{' '.join(command)} in {SOURCE} failed:\n{done.stderr[-2000:]}")
