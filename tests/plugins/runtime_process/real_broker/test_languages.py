"""Functions of each language process messages under our worker on a real broker."""

from pathlib import Path
from typing import Any

import pytest

from tests.plugins.runtime_process.real_broker.functions import Functions
from tests.plugins.runtime_process.real_broker.workers import Worker
from tests.rig.waiting import until

pytestmark = pytest.mark.pulsar


def test_java(pulsemill: Worker, functions: Functions) -> None:
    assert "JavaInstanceMain" in " ".join(lives(pulsemill, functions, *functions.java("lang-java")))


def test_python_on_our_instance(pulsemill: Worker, functions: Functions) -> None:
    assert "pulsemill_instance" in lives(pulsemill, functions, *functions.python("lang-python"))


def test_python_on_upstreams_instance(
    with_upstreams_python: Worker, functions: Functions, python_instance_program: Path
) -> None:
    command = lives(with_upstreams_python, functions, *functions.python("lang-upstreams-python"))
    assert str(python_instance_program) in command


@pytest.mark.timeout(1500)  # its first build compiles the Pulsar client
def test_go(pulsemill: Worker, functions: Functions, go_function: Path) -> None:
    assert "-instance-conf" in lives(pulsemill, functions, *functions.go("lang-go", go_function))


def lives(worker: Worker, functions: Functions, config: dict[str, Any], package: Path) -> list[str]:
    """Take a function through its life; answers its command line."""
    name = config["name"]
    worker.register(config, package)
    command = worker.process(name).command
    assert functions.exclaim(name, "a", "b") == ["a!", "b!"]
    status = until(lambda: processed(worker, name, 2), lambda: worker.explain(name))
    assert (status["running"], status["numReceived"], status["numRestarts"]) == (True, 2, 0)
    stats = worker.stats(name)
    assert (stats["receivedTotal"], stats["processedSuccessfullyTotal"]) == (2, 2)
    worker.delete(name)
    return command


def processed(worker: Worker, name: str, count: int) -> dict[str, Any] | None:
    status = worker.status(name)
    return status if status.get("numSuccessfullyProcessed") == count else None
