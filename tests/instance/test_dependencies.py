import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulsemill_instance import dependencies
from pulsemill_instance.dependencies import DependencyRepositories, install, installer
from pulsemill_instance.startup_errors import PackageLoadError

SECRET = "https://user:hunter2@pypi.example.com/simple"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Commands that would have been run; they end with what `outcome` says."""
    made: list[dict[str, Any]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        made.append({"command": command, **options})
        return subprocess.CompletedProcess(command, 1, "", f"Looking in {SECRET}\nERROR: no match")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(dependencies, "installer", lambda: ["pip", "install"])
    return made


def test_credentials_travel_in_the_environment_only(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    repositories = DependencyRepositories(index=SECRET, extra_index="https://extra")
    with pytest.raises(PackageLoadError) as raised:
        install(["-r", "requirements.txt"], tmp_path / "to", repositories, tmp_path)
    assert calls[0]["command"] == ["pip", "install", "--target", str(tmp_path / "to"), "-r", "requirements.txt"]
    assert calls[0]["env"]["PIP_INDEX_URL"] == calls[0]["env"]["UV_INDEX_URL"] == SECRET
    assert calls[0]["env"]["PIP_EXTRA_INDEX_URL"] == "https://extra"
    assert "hunter2" not in str(raised.value) + repr(repositories)
    assert "ERROR: no match" in str(raised.value)


def test_without_repositories_the_environment_is_left_alone() -> None:
    assert DependencyRepositories().environment() == {}


def test_an_interpreter_without_pip_uses_uv_or_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: "/bin/uv")
    assert installer() == ["/bin/uv", "pip", "install", "--python", sys.executable]
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(PackageLoadError, match="needs pip or uv"):
        installer()


def test_an_installation_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dependencies, "INSTALL_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(dependencies, "installer", lambda: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(PackageLoadError, match=r"took more than 0\.1 s"):
        install(["x"], tmp_path, DependencyRepositories(), tmp_path)
