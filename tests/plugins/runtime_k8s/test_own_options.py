"""Options that upstream does not have, under `pulsemill`; without them, the objects are upstream's."""

from collections.abc import Callable
from typing import Any

from pulsemill_runtime_k8s.manifests import ObjectPlan
from pulsemill_runtime_k8s.settings import Settings


def pod(new_plan: Callable[..., ObjectPlan], new_settings: Callable[..., Settings], **own: Any) -> Any:
    return new_plan(settings=new_settings(pulsemill=own)).stateful_set["spec"]["template"]["spec"]


def test_service_account_and_pull_secrets(
    new_plan: Callable[..., ObjectPlan], new_settings: Callable[..., Settings]
) -> None:
    spec = pod(new_plan, new_settings, serviceAccountName="functions", imagePullSecrets=["registry"])
    assert spec["serviceAccountName"] == "functions"
    assert spec["imagePullSecrets"] == [{"name": "registry"}]


def test_pods_that_the_restricted_standard_admits(
    new_plan: Callable[..., ObjectPlan], new_settings: Callable[..., Settings]
) -> None:
    spec = pod(new_plan, new_settings, restricted=True, runAsUser=10000)
    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert spec["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


def test_probes_open_the_grpc_port(new_plan: Callable[..., ObjectPlan], new_settings: Callable[..., Settings]) -> None:
    container = pod(new_plan, new_settings, probes={"periodSeconds": 20, "startUpSeconds": 90})["containers"][0]
    probe = {"tcpSocket": {"port": 9093}, "periodSeconds": 20, "timeoutSeconds": 5, "failureThreshold": 3}
    assert container["livenessProbe"] == container["readinessProbe"] == probe
    assert container["startupProbe"] == probe | {"failureThreshold": 5}


def test_termination_grace_period(new_plan: Callable[..., ObjectPlan], new_settings: Callable[..., Settings]) -> None:
    assert pod(new_plan, new_settings, terminationGracePeriodSeconds=15)["terminationGracePeriodSeconds"] == 15
