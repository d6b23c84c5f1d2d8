"""How instances are reached, by the worker's own options."""

from collections.abc import Callable
from typing import Any, cast

import grpc.aio
import pytest

from pulsemill.errors import PulsemillError
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus
from pulsemill_runtime_k8s import reaching
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.deployment import Deployment
from pulsemill_runtime_k8s.manifests import ObjectPlan
from pulsemill_runtime_k8s.reaching import channels_of
from pulsemill_runtime_k8s.settings import Settings

POD = {"metadata": {"uid": "u"}, "status": {"podIP": "10.1.2.3"}}
NAME = "pf-acme-ns-exclaim-0.pf-acme-ns-exclaim.default.svc"


@pytest.mark.parametrize(
    ("own", "in_a_pod", "target"),
    [
        ({"statusAccess": "dns"}, False, f"{NAME}.cluster.local:9093"),
        ({"statusAccess": "dns", "clusterDomain": "example.org"}, False, f"{NAME}.example.org:9093"),
        ({"statusAccess": "pod-ip"}, True, "10.1.2.3:9093"),
        ({"statusAccess": "port-forward"}, True, "unix:"),
        ({"statusAccess": "auto"}, False, "unix:"),
        ({"statusAccess": "auto"}, True, f"{NAME}.cluster.local:9093"),
        ({}, True, f"{NAME}.cluster.local:9093"),
    ],
)
async def test_where_a_channel_leads(
    monkeypatch: pytest.MonkeyPatch,
    new_settings: Callable[..., Settings],
    new_plan: Callable[..., ObjectPlan],
    own: dict[str, str],
    in_a_pod: bool,
    target: str,
) -> None:
    def refuse(where: str, **_: Any) -> None:
        raise PulsemillError(where)

    monkeypatch.setattr(grpc.aio, "insecure_channel", refuse)
    monkeypatch.setattr(reaching, "runs_in_a_pod", lambda: in_a_pod)
    plan, nothing = new_plan(), cast("Any", None)
    deployment = Deployment(nothing, nothing, plan.service, plan.stateful_set, grace_seconds=5)
    channels = channels_of(cast("KubernetesApi", None), new_settings(pulsemill=own), deployment)
    with pytest.raises(PulsemillError) as led:
        await channels.call(0, POD, "GetFunctionStatus", FunctionStatus)
    assert str(led.value).startswith(target)
    await channels.close()
