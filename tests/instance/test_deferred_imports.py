"""Modules whose loading is put off, in a Python of their own: what this one has imported does not matter there."""

import subprocess
import sys
from pathlib import Path

import pytest

from pulsemill_instance.deferred_imports import DEFERRED


def run(program: str, folder: Path) -> list[str]:
    """The lines that a program prints which has `deferring` at hand, and `folder` to import from."""
    begin = "import sys; from pulsemill_instance.deferred_imports import deferring\n"
    command = [sys.executable, "-c", f"{begin}sys.path.insert(0, {str(folder)!r})\n{program}"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A module of a deferred name that says when it is loaded, and a library that imports it."""
    (tmp_path / "fastavro.py").write_text("print('loaded')\nname = 'avro'\n")
    (tmp_path / "library.py").write_text("import fastavro\ndef name(): return fastavro.name\n")
    return tmp_path


def test_an_import_alone_loads_nothing(folder: Path) -> None:
    assert run("with deferring(): import library\nprint('done')", folder) == ["done"]


@pytest.mark.parametrize("use", ["library.name()", "library.fastavro.name", "__import__('fastavro').name"])
def test_who_looks_into_a_module_later_loads_it_once(folder: Path, use: str) -> None:
    program = f"with deferring(): import library\nprint({use}, library.name())"
    assert run(program, folder) == ["loaded", "avro avro"]


@pytest.mark.parametrize("use", ["import library; print(library.name())", "from fastavro import name; print(name)"])
def test_so_does_who_looks_into_it_at_once(folder: Path, use: str) -> None:
    assert run(f"with deferring():\n    {use}", folder) == ["loaded", "avro"]


def test_afterwards_everybody_imports_the_real_module(folder: Path) -> None:
    program = "with deferring(): import library\nimport fastavro\nprint(fastavro.__file__, 'fastavro' in sys.modules)"
    assert run(program, folder) == ["loaded", f"{folder / 'fastavro.py'} True"]


def test_a_module_that_is_there_already_stays(folder: Path) -> None:
    program = "import fastavro\nwith deferring(): import library\nprint(library.fastavro is fastavro)"
    assert run(program, folder) == ["loaded", "True"]


def test_a_module_that_is_not_there_is_missed_at_its_import(tmp_path: Path) -> None:
    program = (
        "sys.path[:] = [sys.path[0]]\n"
        "with deferring():\n    try: import fastavro\n    except ModuleNotFoundError as error: print(error.name)"
    )
    assert run(program, tmp_path) == ["fastavro"]


def test_other_modules_load_at_their_import(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("print('loaded')\n")
    assert run("with deferring(): import other", tmp_path) == ["loaded"]


@pytest.mark.parametrize("name", sorted(DEFERRED))
def test_an_instance_loads_none_of_them_before_it_is_asked_to(tmp_path: Path, name: str) -> None:
    program = f"with deferring(): import pulsemill_instance.program\nprint({name!r} in sys.modules)"
    assert run(program, tmp_path) == ["False"]


def test_the_asyncio_half_of_grpc_works_when_it_is_asked_for(tmp_path: Path) -> None:
    program = (
        "with deferring(): import grpc\n"
        "import asyncio\n"
        "async def serve():\n"
        "    server = grpc.aio.server()\n"
        "    assert server.add_insecure_port('127.0.0.1:0')\n"
        "    await server.start()\n"
        "    await server.stop(None)\n"
        "    print('served')\n"
        "asyncio.run(serve())"
    )
    assert run(program, tmp_path) == ["served"]


def test_https_works_when_it_is_asked_for(tmp_path: Path) -> None:
    program = "with deferring(): import http.client\nprint(http.client.HTTPSConnection('localhost').port)"
    assert run(program, tmp_path) == ["443"]
