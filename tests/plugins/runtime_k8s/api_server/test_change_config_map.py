"""A ConfigMap changes settings while the worker runs."""

import logging
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from pulsemill_runtime_k8s.change_config_map import UNANSWERED_SECONDS, ConfigMapReader, changes

PATH = "/api/v1/namespaces/config/configmaps/changes"
ATTRIBUTES = {"pulsarDockerImageName": "image", "jobNamespace": "job_namespace"}
FIXED = {"grpcPort": "only texts can be changed"}


def fine(key: str, value: str) -> str | None:
    """Every value but one."""
    return "expected another" if value == "wrong" else None


@attrs.frozen
class Current:
    image: str = "apachepulsar/pulsar"
    job_namespace: str = "default"


def test_a_value_that_differs_is_applied() -> None:
    found = changes({"pulsarDockerImageName": "mine:2", "jobNamespace": "default"}, ATTRIBUTES, FIXED, Current(), fine)
    assert found.values == {"image": "mine:2"}
    assert found.applied == ("Kubernetes Config pulsarDockerImageName changed from apachepulsar/pulsar to mine:2",)
    assert found.refused == ()


def test_a_key_that_cannot_change_does_not_keep_the_others_from_it() -> None:
    """Upstream ends the pass at the first of them, every time."""
    data = {"grpcPort": "9095", "jobNamespac": "jobs", "pulsarDockerImageName": "mine:2"}
    found = changes(data, ATTRIBUTES, FIXED, Current(), fine)
    assert found.values == {"image": "mine:2"}
    assert found.refused == (
        "grpcPort has no effect: only texts can be changed",
        "jobNamespac has no effect: it is unknown; did you mean jobNamespace?",
    )


def test_a_wrong_value_leaves_the_old_one_and_changes_the_others() -> None:
    data = {"jobNamespace": "wrong", "pulsarDockerImageName": "mine:2"}
    found = changes(data, ATTRIBUTES, FIXED, Current(), fine)
    assert found.values == {"image": "mine:2"}
    assert found.refused == ("jobNamespace stays 'default': expected another",)


@pytest.fixture
def taken() -> list[Mapping[str, str]]:
    return []


@pytest.fixture
def reader(api: Any, taken: list[Mapping[str, str]]) -> ConfigMapReader:
    return ConfigMapReader(api, lambda: ("config", "changes"), taken.append)


async def test_the_data_are_taken(reader: ConfigMapReader, api: Any, taken: list[Mapping[str, str]]) -> None:
    api.objects[PATH] = {"metadata": {"name": "changes"}, "data": {"jobNamespace": "jobs"}}
    await reader.read()
    assert taken == [{"jobNamespace": "jobs"}]


async def test_one_that_may_not_be_read_is_named_once(
    reader: ConfigMapReader, api: Any, taken: list[Mapping[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    api.refuse("GET", PATH, 403, 'configmaps "changes" is forbidden', times=2)
    with caplog.at_level(logging.ERROR):
        await reader.read()
        await reader.read()
    assert len(caplog.records) == 1
    assert "Error while trying to fetch configmap changes at namespace config" in caplog.text
    assert "resourceNames: [changes]" in caplog.text
    assert taken == []


@pytest.mark.parametrize(("status", "pause"), [(500, UNANSWERED_SECONDS), (403, 300.0)])
async def test_it_is_read_again_soon_while_the_server_is_away(
    reader: ConfigMapReader, api: Any, taken: list[Mapping[str, str]], status: int, pause: float
) -> None:
    api.objects[PATH] = {"metadata": {"name": "changes"}, "data": {}}
    api.refuse("GET", PATH, status)
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 2:
            raise EOFError

    reader.sleep = sleep
    await reader.read()
    with pytest.raises(EOFError):
        await reader.run()
    assert pauses == [pause, 300.0, 300.0]
