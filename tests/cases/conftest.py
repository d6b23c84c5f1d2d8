"""The acceptance cases of a Python instance, as a program on the real broker: `test_case_NN_...`.

They run against our instance; with `--upstream-cases` against upstream's too, which has to fail exactly where
`upstream.py` says.
"""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pulsar
import pytest

from tests.cases.minute import Minute, running_minute
from tests.cases.program import PATIENCE_SECONDS, ProgramKind
from tests.cases.upstream import FAILURES
from tests.cases.world import Surroundings, World, prepare
from tests.rig.broker import Broker

_PATIENCE_WITH_A_FAILURE = 10.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--upstream-cases", action="store_true", help="run the cases with upstream's instance too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "instance_program" in metafunc.fixturenames:
        both = metafunc.function.__name__.startswith("test_case_")
        upstream = ["upstream"] if both and metafunc.config.getoption("--upstream-cases", default=False) else []
        metafunc.parametrize("instance_program", ["ours", *upstream], indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if reason := _expected_failure(item):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def _expected_failure(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    is_upstream = callspec is not None and callspec.params.get("instance_program") == "upstream"
    return FAILURES.get(getattr(item, "originalname", "")) if is_upstream else None


@pytest.fixture(scope="session")
def instance_program(request: pytest.FixtureRequest, pulsar_home: Path) -> ProgramKind:
    """What runs the functions: ours or upstream's, with the logging configuration of the distribution."""
    logging_config = pulsar_home / "conf/functions-logging/logging_config.ini"
    if request.param == "ours":
        return ProgramKind("ours", logging_config)
    program, interpreter = (request.getfixturevalue(name) for name in ("python_instance_program", "upstream_python"))
    return ProgramKind("upstream", logging_config, program, interpreter)


@pytest.fixture(scope="session")
def surroundings(broker: Broker) -> Iterator[Surroundings]:
    logger = pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
    client = pulsar.Client(broker.service_url, logger=logger)
    with httpx2.Client(base_url=f"{broker.web_service_url}/admin/v2/", timeout=60, trust_env=False) as admin:
        prepare(admin)
        yield Surroundings(broker, client, admin)
    client.close()


@pytest.fixture(scope="session")
def minute(
    surroundings: Surroundings, instance_program: ProgramKind, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Minute]:
    """What takes a minute, started with the first case of a run."""
    folder = tmp_path_factory.mktemp("minute")
    with running_minute(surroundings, instance_program, folder, uuid.uuid4().hex[:8]) as minute:
        yield minute


@pytest.fixture
def world(
    request: pytest.FixtureRequest, surroundings: Surroundings, instance_program: ProgramKind, tmp_path: Path
) -> Iterator[World]:
    """Topics of the case's own, and the programs that it starts."""
    if any("minute" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("minute")
    number = re.search(r"case_(\d+)", request.node.name)
    name = f"case{number.group(1) if number else ''}-{uuid.uuid4().hex[:8]}"
    patience = _PATIENCE_WITH_A_FAILURE if _expected_failure(request.node) else PATIENCE_SECONDS
    world = World(surroundings, instance_program, tmp_path, name, patience)
    yield world
    world.close()
