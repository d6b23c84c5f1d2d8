"""Acceptance case 40: the worker's command line, and every form of a package."""

import base64
import zipfile
from pathlib import Path

import pytest

from pulsemill.auth import AuthenticationConfig
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

ECHO = "def process(x): return str(x) + '!'"
TOKEN = base64.b64encode(b"not for any log").decode()
AUTHENTICATION = AuthenticationConfig(
    client_authentication_plugin="org.apache.pulsar.client.impl.auth.AuthenticationToken",
    client_authentication_parameters=f"token:{TOKEN}",
)


def test_case_40_the_workers_command_line_starts_it(world: World) -> None:
    program = world.start(ECHO, authentication=AUTHENTICATION)
    assert {"--tls_allow_insecure", "--max_buffered_tuples", "--config_file"} <= set(program.command)
    world.produce(b"7")
    assert world.values(1) == ["7!"]


def test_case_40_a_field_of_a_newer_worker_does_not_stop_it(world: World) -> None:
    world.start(ECHO, extra_fields={"addedLater": {"x": 1}})
    world.produce(b"7")
    assert world.values(1) == ["7!"]


def test_case_40_no_authentication_parameter_is_in_any_log(world: World) -> None:
    program = world.start(ECHO, authentication=AUTHENTICATION)
    world.produce(b"7")
    world.consume(1)
    assert program.stop() == 0
    assert program.log
    assert TOKEN not in program.log + program.output


def _runs(world: World, package: Path) -> None:
    world.start_package(package, world.details(className="shout.loud.Shout"))
    world.produce(b"hey")
    assert world.values(1) == ["HEY!!"]


def _wheel(path: Path, name: str, **files: str) -> Path:
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for file, text in files.items():
            archive.writestr(file.replace("__", "/", 1) + ".py", text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path / f"{name}-1.0-py3-none-any.whl"


SHOUT = "class Shout:\n    def process(self, x, context): return x.upper() + {mark}\n"


def test_case_40_a_wheel_runs(world: World) -> None:
    _runs(world, _wheel(world.folder, "shout", shout__loud=SHOUT.format(mark="'!!'"), shout____init__=""))


def test_case_40_an_archive_runs_with_its_dependencies(world: World) -> None:
    dependency = _wheel(world.folder, "casehelper", casehelper="MARK = '!!'\n")
    package = world.folder / "shout.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("shout/src/shout/__init__.py", "")
        archive.writestr("shout/src/shout/loud.py", "from casehelper import MARK\n" + SHOUT.format(mark="MARK"))
        archive.write(dependency, f"shout/deps/{dependency.name}")
    _runs(world, package)
