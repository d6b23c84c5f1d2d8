"""What clients are to do, as a document: entries, each with the components that must run before its calls are made."""

from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.plugins.runtime_process.real_broker.workers import Worker
from tests.rig.waiting import until

# Java's instances of connectors are slow to start on a busy machine.
WAIT_SECONDS = 240


def read(name: str) -> dict[str, Any]:
    """The document `name` beside this module."""
    document: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(name).read_text())
    return document


def await_running(worker: Worker, running: dict[str, int]) -> None:
    """Wait until as many instances run of each component as `running` says, e.g. {"sources/NAME": 1}."""
    for component, count in running.items():
        _await(worker, *component.split("/"), count)


def _await(worker: Worker, kind: str, name: str, count: int) -> None:
    def status() -> httpx2.Response:
        return httpx2.get(f"{worker.web_service_url}/admin/v3/{kind}/public/default/{name}/status", timeout=30)

    def explain() -> str:
        return f"{status().text}\n{worker.explain(name)}"

    until(lambda: status().json().get("numRunning") == count, explain, WAIT_SECONDS)


def filled(given: Any, **places: Path) -> Any:
    """`given` with a path put in for each name in braces, e.g. `{folder}`."""
    if isinstance(given, dict):
        return {key: filled(value, **places) for key, value in given.items()}
    if isinstance(given, list):
        return [filled(value, **places) for value in given]
    for name, place in places.items():
        given = given.replace(f"{{{name}}}", str(place)) if isinstance(given, str) else given
    return given


def assert_holds(given: Any, expected: Any, where: str = "answer") -> None:
    """`given` has all that `expected` names: fields of objects, exactly as many items of lists."""
    if isinstance(expected, dict):
        assert isinstance(given, dict), f"{where} is no object: {given}"
        for key, value in expected.items():
            assert str(key) in given, f"{where} lacks {key}: {given}"
            assert_holds(given[str(key)], value, f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(given, list):
        assert len(given) == len(expected), f"{where}: {given}"
        for number, (one, other) in enumerate(zip(given, expected, strict=True)):
            assert_holds(one, other, f"{where}[{number}]")
    else:
        assert given == expected, f"{where}: {given}, expected {expected}"
