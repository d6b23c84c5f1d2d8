"""What a pod's state means for whoever asks for the status of an instance."""

import datetime as dt
from typing import Any

import pytest

from pulsemill_runtime_k8s.pod_trouble import recent, restarts_of, trouble_of


def pod(container: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    containers = {} if container is None else {"containerStatuses": [{"restartCount": 0, **container}]}
    return {"metadata": {"name": "pf-0"}, "status": {"phase": "Pending", **containers, **status}}


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, "message": message}}, **more}


def warning(reason: str, message: str) -> dict[str, Any]:
    return {"reason": reason, "message": message, "time": "1"}


def ended(reason: str, code: int, message: str = "") -> dict[str, Any]:
    return {"terminated": {"reason": reason, "exitCode": code, "message": message}}


def test_a_running_container_is_no_trouble() -> None:
    assert trouble_of(pod({"state": {"running": {"startedAt": "now"}}}), []) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pod(waiting("ErrImagePull", "no such image")), "ErrImagePull: no such image"),
        (pod(waiting("ImagePullBackOff", "Back-off")), "ImagePullBackOff: Back-off"),
        (
            pod(waiting("CreateContainerConfigError", 'secret "db" not found')),
            'CreateContainerConfigError: secret "db" not found',
        ),
        (
            pod(waiting("CrashLoopBackOff", "back-off 10s", lastState=ended("OOMKilled", 137))),
            "CrashLoopBackOff: back-off 10s: OOMKilled (exit code 137)",
        ),
        (pod({"state": ended("Error", 1, "no module")}), "Error (exit code 1): no module"),
        (pod(phase="Failed", reason="Evicted", message="low on memory"), "Evicted: low on memory"),
        (
            pod(
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/1 nodes are available",
                    }
                ]
            ),
            "Unschedulable: 0/1 nodes are available",
        ),
    ],
)
def test_what_kubernetes_says_is_the_reason(given: dict[str, Any], expected: str) -> None:
    assert trouble_of(given, []) == expected


def test_a_volume_that_cannot_be_mounted_is_told_by_its_warning() -> None:
    created = pod(waiting("ContainerCreating"))
    assert trouble_of(created, []) == "The container is being created"
    warned = trouble_of(created, [warning("FailedMount", 'secret "pf-secret-x" not found')])
    assert warned == 'The container is being created: FailedMount: secret "pf-secret-x" not found'


def test_without_a_pod_the_stateful_sets_warning_says_why() -> None:
    refused = [warning("FailedCreate", "exceeded quota"), warning("FailedCreate", "exceeded quota: pods=2")]
    assert trouble_of(None, [], refused) == "The pod does not exist yet: FailedCreate: exceeded quota: pods=2"


@pytest.mark.parametrize(
    ("time", "counts"),
    [
        ("2026-11-28T11:50:00Z", True),
        ("2026-11-28T11:50:00.123456Z", True),
        ("2026-11-28T11:00:00Z", False),
        ("", True),
    ],
)
def test_an_old_warning_about_a_missing_pod_may_not_be_true_any_more(time: str, counts: bool) -> None:
    now = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
    warnings = [{**warning("FailedCreate", "exceeded quota"), "time": time}]
    assert bool(recent(warnings, now)) is counts


def test_a_pod_on_its_way_out_says_so() -> None:
    leaving = pod({"state": {"running": {}}})
    leaving["metadata"]["deletionTimestamp"] = "now"
    assert trouble_of(leaving, []) == "The pod is being terminated"
    condition = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI", "message": "evicting"}
    leaving["status"]["conditions"] = [condition]
    assert trouble_of(leaving, []) == "The pod is being terminated: EvictionByEvictionAPI: evicting"


def test_an_init_container_that_is_done_is_no_trouble() -> None:
    given = pod({"state": {"running": {}}})
    given["status"]["initContainerStatuses"] = [{"ready": True, "state": ended("Completed", 0)}]
    assert trouble_of(given, []) is None


def test_restarts_are_those_of_the_containers() -> None:
    assert restarts_of(pod({"restartCount": 3, "state": {}})) == 3
    assert restarts_of(None) == 0
