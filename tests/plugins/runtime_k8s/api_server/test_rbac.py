"""What the worker may not do is told at its start, with the line that grants it."""

import logging
from typing import Any

import pytest

from pulsemill_runtime_k8s.rbac import REVIEWS, missing_rights, needed_rights, report_missing_rights


@pytest.fixture
def forbid(api: Any, monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """(verb, resource) pairs that the server does not allow."""
    forbidden: set[tuple[str, str]] = set()

    def review(path: str, body: Any) -> Any:
        assert path == REVIEWS
        asked = body["spec"]["resourceAttributes"]
        return {"status": {"allowed": (asked["verb"], asked["resource"]) not in forbidden}}

    monkeypatch.setattr(api, "_post", review)
    return forbidden


async def test_nothing_is_missing_for_who_may_all(api: Any, forbid: set[tuple[str, str]]) -> None:
    assert await missing_rights(api, needed_rights(["jobs"], ("config", "changes"))) == []


async def test_each_missing_right_comes_with_its_line(api: Any, forbid: set[tuple[str, str]]) -> None:
    forbid |= {("delete", "pods"), ("watch", "pods"), ("get", "configmaps")}
    pods, config_maps = await missing_rights(api, needed_rights(["jobs"], ("config", "changes")))
    assert pods.startswith("may not watch, delete pods in namespace jobs; add to a Role there: ")
    assert pods.endswith('- {apiGroups: [""], resources: [pods], verbs: [watch, delete]}')
    assert config_maps.startswith("may not get configmaps changes in namespace config; add to a Role there: ")
    assert config_maps.endswith('- {apiGroups: [""], resources: [configmaps], verbs: [get], resourceNames: [changes]}')


async def test_the_report_never_keeps_a_worker_from_starting(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    api.refuse("POST", REVIEWS, 500, "etcd is away")
    with caplog.at_level(logging.WARNING):
        await report_missing_rights(api, needed_rights(["jobs"]))
    assert "the worker's rights on Kubernetes are not known" in caplog.text
