"""Instances get the command line and the environment that upstream's worker gives them, but for listed differences."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plugins.runtime_process.real_broker.functions import Functions
from tests.plugins.runtime_process.real_broker.tokens import (
    Difference,
    command_tokens,
    differences,
    environment_tokens,
    private_tokens,
)
from tests.plugins.runtime_process.real_broker.workers import Worker

pytestmark = pytest.mark.pulsar

WANTED = yaml.safe_load(Path(__file__).with_name("differences.yml").read_text())
EVERYTHING: dict[str, Any] = {
    "inputs": None,
    "inputSpecs": {
        "persistent://public/default/first": {"receiverQueueSize": 7, "consumerProperties": {"a": "b"}},
        "persistent://public/default/second": {"schemaType": "STRING", "poolMessages": True},
    },
    "logTopic": "persistent://public/default/log",
    "userConfig": {"word": 'it\'s <fine> & "good" = ü', "number": 1.5, "count": 7, "deep": {"list": [1, None]}},
    "secrets": {"password": {"path": "somewhere", "key": "it"}},
    "runtimeFlags": '-Da="b c" -Dd=e',
    "resources": {"cpu": 0.5, "ram": 268435456, "disk": 1048576},
    "processingGuarantees": "ATLEAST_ONCE",
    "retainOrdering": True,
    "subName": "mine",
    "timeoutMs": 12345,
    "maxMessageRetries": 3,
    "deadLetterTopic": "persistent://public/default/dead",
    "cleanupSubscription": False,
    "subscriptionPosition": "Latest",
    "producerConfig": {"maxPendingMessages": 5, "useThreadLocalProducers": True, "compressionType": "ZSTD"},
}
FOR_PYTHON = {"maxMessageRetries": None, "deadLetterTopic": None, "runtimeFlags": "-X dev", "retainOrdering": None}
FOR_GO = FOR_PYTHON | {"runtimeFlags": None}


@pytest.fixture(params=["java", "python", "go", "java-everything", "python-everything", "go-everything"])
def started(
    request: pytest.FixtureRequest, java: Worker, with_upstreams_python: Worker, functions: Functions
) -> Iterator[str]:
    """The name of a function that both workers have started; its instances need not have come far."""
    language, _, everything = request.param.partition("-")
    config, package = getattr(functions, language)(f"cli-{request.param}")
    if everything:
        config |= EVERYTHING | {"python": FOR_PYTHON, "go": FOR_GO}.get(language, {})
    for worker in (java, with_upstreams_python):
        worker.submit({key: value for key, value in config.items() if value is not None}, package)
    yield config["name"]
    for worker in (java, with_upstreams_python):
        worker.delete(config["name"])


def test_equal_but_for_listed_differences(
    started: str, java: Worker, with_upstreams_python: Worker, pulsar_home: Path
) -> None:
    upstream, ours = (command_tokens(worker, started, pulsar_home) for worker in (java, with_upstreams_python))
    private = private_tokens(with_upstreams_python, started, pulsar_home)
    upstream = without(upstream, private)
    environments = [environment_tokens(worker, started, pulsar_home) for worker in (java, with_upstreams_python)]
    assert differences(upstream, ours) | differences(*environments) == wanted(started.removeprefix("cli-"))


def without(tokens: list[str], part: list[str]) -> list[str]:
    """Tokens without a part of them, which is there."""
    start = next(start for start in range(len(tokens)) if tokens[start : start + len(part)] == part)
    return tokens[:start] + tokens[start + len(part) :]


def wanted(case: str) -> set[Difference]:
    """The listed differences that hold for a case."""
    return {(tuple(one["upstream"]), tuple(one["ours"])) for one in WANTED if case in one["in"]}
