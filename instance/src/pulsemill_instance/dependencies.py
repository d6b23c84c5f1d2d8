"""Installing what a package depends on, for those who asked for it with --install_usercode_dependencies."""

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs

from pulsemill_instance.startup_errors import PackageLoadError

INSTALL_TIMEOUT_SECONDS = 600
LAST_LINES = 5


@attrs.frozen
class DependencyRepositories:
    """Where pip looks. The addresses may carry credentials: they travel in the environment and show in no repr."""

    index: str = attrs.field(default="", repr=False)
    extra_index: str = attrs.field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """The variables that tell pip and uv."""
        named = {"INDEX_URL": self.index, "EXTRA_INDEX_URL": self.extra_index}
        return {f"{tool}_{key}": value for key, value in named.items() if value for tool in ("PIP", "UV")}

    def redact(self, text: str) -> str:
        """A text without the addresses."""
        for address in (self.index, self.extra_index):
            text = text.replace(address, "<repository>") if address else text
        return text


def installer() -> list[str]:
    """The command that installs packages into this interpreter's kind of Python."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable]
    raise PackageLoadError(
        f"--install_usercode_dependencies needs pip or uv, and {sys.executable} has neither: install pip into it"
    )


def install(what: Sequence[str], target: Path, repositories: DependencyRepositories, directory: Path) -> None:
    """Install requirements into a folder; `what` as on pip's command line. PackageLoadError with pip's last words."""
    command = [*installer(), "--target", str(target), *what]
    logging.getLogger(__name__).info("Installing dependencies: %s", " ".join(what))
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_SECONDS,
            cwd=directory,
            env={**os.environ, **repositories.environment()},
        )
    except subprocess.TimeoutExpired as error:
        raise PackageLoadError(f"Installing {' '.join(what)} took more than {INSTALL_TIMEOUT_SECONDS} s") from error
    if done.returncode != 0:
        last_words = " | ".join((done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:])
        raise PackageLoadError(
            f"Could not install {' '.join(what)} (exit code {done.returncode}): {repositories.redact(last_words)}"
        )
