"""Pods of tests: make one, wait for it, read what it printed."""

import time
from collections.abc import Mapping
from typing import Any

from kubernetes import client

from tests.rig.errors import RigError
from tests.rig.kubernetes.cluster import Cluster

POD_SECONDS = 180


def pod(name: str, image: str, *command: str, labels: Mapping[str, str] | None = None) -> client.V1Pod:
    """A pod of one container that runs once; it gets a second to end when it is deleted."""
    container = client.V1Container(name="main", image=image, image_pull_policy="Never", command=list(command))
    return client.V1Pod(
        metadata=client.V1ObjectMeta(name=name, labels=dict(labels or {})),
        spec=client.V1PodSpec(containers=[container], restart_policy="Never", termination_grace_period_seconds=1),
    )


def run_pod(cluster: Cluster, namespace: str, wanted: client.V1Pod) -> str:
    """Make a pod and wait for its end; answers its log. Raises `RigError` unless it succeeds."""
    core = client.CoreV1Api(cluster.api())
    made: Any = core.create_namespaced_pod(namespace, wanted)
    wait_for_phase(core, namespace, made.metadata.name, "Succeeded")
    return str(core.read_namespaced_pod_log(made.metadata.name, namespace))


def start_pod(cluster: Cluster, namespace: str, wanted: client.V1Pod) -> str:
    """Make a pod and wait until it runs; answers its IP address. Raises `RigError`."""
    core = client.CoreV1Api(cluster.api())
    made: Any = core.create_namespaced_pod(namespace, wanted)
    return str(wait_for_phase(core, namespace, made.metadata.name, "Running").status.pod_ip)


def wait_for_phase(core: client.CoreV1Api, namespace: str, name: str, phase: str, seconds: float = POD_SECONDS) -> Any:
    """Answers the `V1Pod`. Raises `RigError`, which shows the pod's events, if it ends otherwise or time is over."""
    deadline = time.monotonic() + seconds
    while True:
        found: Any = core.read_namespaced_pod(name, namespace)
        if found.status.phase == phase:
            return found
        if found.status.phase in {"Succeeded", "Failed"} or time.monotonic() > deadline:
            raise RigError(f"pod {name} is {found.status.phase}, not {phase}\n{_history(core, namespace, name)}")
        time.sleep(0.3)


def _history(core: client.CoreV1Api, namespace: str, name: str) -> str:
    events = core.list_namespaced_event(namespace, field_selector=f"involvedObject.name={name}").items
    lines = [f"{event.reason}: {event.message}" for event in events]
    try:
        lines.append(core.read_namespaced_pod_log(name, namespace, tail_lines=50))
    except client.ApiException:
        lines.append("it has no log")
    return "\n".join(lines)
