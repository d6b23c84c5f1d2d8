"""Each member of the workspace builds a wheel that works without the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = [ROOT / "core", ROOT / "instance", *sorted(p.parent for p in ROOT.glob("plugins/*/pyproject.toml"))]
NAMES = [member.relative_to(ROOT).as_posix() for member in MEMBERS]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheels")]


def project(member: Path) -> dict[str, object]:
    with (member / "pyproject.toml").open("rb") as file:
        table: dict[str, object] = tomllib.load(file)["project"]
    return table


def build(member: Path, to: Path) -> Path:
    """A wheel from a copy of the member, so that stubs left in the checkout by an editable install do not help."""
    copy = to / "source" / member.name
    shutil.copytree(member, copy, ignore=shutil.ignore_patterns("*_pb2*", "__pycache__", "dist"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check", "-o", to, copy]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    name = str(project(member)["name"]).replace("-", "_")
    return next(to.glob(f"{name}-*.whl"))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    return {name: build(member, folder) for name, member in zip(NAMES, MEMBERS, strict=True)}


def run_python(code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run code that sees only the given folders and the third-party packages, not the workspace's editable installs."""
    path = os.pathsep.join([*map(str, paths), sysconfig.get_path("purelib")])
    return subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_imports_with_core_and_instance_alone(name: str, wheels: dict[str, Path], tmp_path: Path) -> None:
    for member in {name, "core", "instance"} if name != "instance" else {name}:
        with zipfile.ZipFile(wheels[member]) as wheel:
            wheel.extractall(tmp_path)
    package = "pulsemill" if name == "core" else str(project(ROOT / name)["name"]).replace("-", "_")
    code = (
        "import importlib, pkgutil\n"
        f"package = importlib.import_module({package!r})\n"
        "for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    if '__main__' not in module.name and '.testing' not in module.name:\n"
        "        importlib.import_module(module.name)\n"
        "print(package.__file__)"
    )
    result = run_python(code, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(str(tmp_path))


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_carries_its_marker_licence_and_readme(name: str, wheels: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheels[name]) as wheel:
        names = wheel.namelist()
        metadata = wheel.read(next(n for n in names if n.endswith(".dist-info/METADATA"))).decode()
    assert any(n.endswith("/py.typed") for n in names)
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "Description-Content-Type: text/markdown" in metadata


def test_the_stubs_are_made_by_the_build(wheels: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheels["instance"]) as wheel:
        names = wheel.namelist()
    for message in ("Function", "Request", "InstanceCommunication"):
        assert f"pulsemill_instance/proto/{message}_pb2.py" in names
        assert f"pulsemill_instance/proto/{message}_pb2.pyi" in names
