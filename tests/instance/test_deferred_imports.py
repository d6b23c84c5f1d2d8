"""Modules whose loading is put off, in a Python of their own: what this one has imported does not matter there."""

import subprocess
import sys
from pathlib import Path

import pytest

from pulsemill_instance.deferred_imports import DEFERRED


def run(program: str, folder: Path) -> str:
    """What a program prints that begins with `defer_imports()`, with `folder` to import from."""
    begin = "import sys; from pulsemill_instance.deferred_imports import defer_imports; defer_imports()\n"
    command = [sys.executable, "-c", f"{begin}sys.path.insert(0, {str(folder)!r})\n{program}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


@pytest.fixture
def fastavro(tmp_path: Path) -> Path:
    """A module of a deferred name that says when it is loaded."""
    (tmp_path / "fastavro.py").write_text("print('loaded')\nname = 'avro'\n")
    return tmp_path


def test_an_import_alone_loads_nothing(fastavro: Path) -> None:
    assert run("import fastavro; print('done')", fastavro) == "done"


@pytest.mark.parametrize("use", ["import fastavro; print(fastavro.name)", "from fastavro import name; print(name)"])
def test_the_first_look_into_a_module_loads_it(fastavro: Path, use: str) -> None:
    assert run(use, fastavro).split() == ["loaded", "avro"]


def test_a_module_that_is_not_there_is_missed_at_its_import(tmp_path: Path) -> None:
    program = "try:\n    import fastavro\nexcept ModuleNotFoundError as error:\n    print(error.name)"
    assert run(f"sys.path[:] = [sys.path[0]]\n{program}", tmp_path) == "fastavro"


def test_other_modules_load_at_their_import(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("print('loaded')\n")
    assert run("import other", tmp_path) == "loaded"


def test_the_asyncio_half_of_grpc_works_when_it_is_asked_for(tmp_path: Path) -> None:
    assert "grpc.aio" in DEFERRED
    assert run("import grpc; print(grpc.aio.Server.__name__)", tmp_path) == "Server"
