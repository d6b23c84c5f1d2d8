"""The example plugin works as readers will use it: built, installed from its wheel, named in a functions_worker.yml."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugins" / "runtime_limited"
CLASS_NAME = "com.acme.LimitedRuntimeFactory"
CONFIGURATION = f"""\
functionRuntimeFactoryClassName: {CLASS_NAME}
functionRuntimeFactoryConfigs:
  logDirectory: logs
  memoryBytes: 536870912
"""
EXCLAIM = """\
import os

def process(input):
    return f"{input}! (niceness {os.nice(0)})"
"""

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.slow,
    pytest.mark.xdist_group("wheels"),
    pytest.mark.skipif(sys.platform != "linux", reason="the example needs Linux"),
]


def build_wheel(to: Path) -> Path:
    source = shutil.copytree(EXAMPLE, to / "source", ignore=shutil.ignore_patterns("__pycache__", "dist"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check", "-o", to, source]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return next(to.glob("*.whl"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a fresh environment with the plugin and, behind it, what these tests themselves run on."""
    folder = tmp_path_factory.mktemp("environment")
    wheel = build_wheel(folder)
    venv.create(folder / "venv", with_pip=True)
    interpreter = folder / "venv" / "bin" / "python"
    pip = [interpreter, "-m", "pip", "install", "--no-index", "--no-deps", wheel]
    subprocess.run(pip, check=True, capture_output=True, timeout=60)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "workspace.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return str(interpreter)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a functions_worker.yml and a function."""
    (tmp_path / "functions_worker.yml").write_text(CONFIGURATION)
    (tmp_path / "exclaim.py").write_text(EXCLAIM)
    return tmp_path


def pulsemill(python: str, *arguments: str) -> list[str]:
    return [python, "-c", "from pulsemill.cli.main import main; main()", *arguments]


def run(command: list[str], folder: Path) -> str:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_installed_plugin_is_listed(python: str, folder: Path) -> None:
    rows = json.loads(run(pulsemill(python, "plugins", "--json"), folder))
    (row,) = [row for row in rows if row["distribution"] == "acme-runtime-limited"]
    assert row["version"] == "1.0.0"
    assert row["hook"] == "pulsemill_runtime_factories"
    assert row["names"] == [CLASS_NAME, "acme-limited"]


def test_its_configuration_is_checked(python: str, folder: Path) -> None:
    check = pulsemill(python, "config", "check", "functions_worker.yml", "--json")
    assert json.loads(run(check, folder))["findings"] == []
    (folder / "functions_worker.yml").write_text(f"{CONFIGURATION}  niceness: 20\n  nicenes: 1\n")
    result = subprocess.run(check, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    unknown, error = json.loads(result.stdout)["findings"]
    assert (unknown["line"], "did you mean niceness?" in unknown["message"]) == (6, True)
    assert (error["line"], error["message"]) == (5, "must be <= 19: 20")


def test_its_own_tests_pass(python: str, folder: Path) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(EXAMPLE), str(EXAMPLE / "tests")]
    assert " passed" in run([python, "-m", "pytest", *options], folder)


@pytest.fixture
def worker(python: str, folder: Path) -> Iterator[str]:
    """The address of a standalone worker that runs on the configuration."""
    command = pulsemill(python, "standalone", "-c", "functions_worker.yml", "--data", "data", "--port", "0")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            assert said.startswith("REST API"), said + (process.stderr.read() if process.stderr else "")
            yield said.split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def test_a_worker_runs_functions_with_it(python: str, folder: Path, worker: str) -> None:
    admin = ["--admin-url", worker, "--name", "exclaim"]
    names = ["--py", "exclaim.py", "--classname", "exclaim", "--inputs", "in", "--output", "out"]
    run(pulsemill(python, "functions", "create", *admin, *names), folder)
    output = run(pulsemill(python, "functions", "trigger", *admin, "--trigger-value", "limits"), folder)
    assert re.search(r"limits! \(niceness \d\d\)", output)
    assert "true" in run(pulsemill(python, "functions", "status", *admin, "--json"), folder)
    run(pulsemill(python, "functions", "delete", *admin), folder)
