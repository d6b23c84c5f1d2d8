"""Objects of functions on the API server: applied, read, deleted.

Server-side apply makes a create and an update one idempotent call, and its field manager marks what belongs to this
cluster of workers without a change to any field of upstream's objects.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from pulsemill.customizer import Manifest
from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s.api import APPLY, Json, KubernetesApi
from pulsemill_runtime_k8s.api_errors import ApiError
from pulsemill_runtime_k8s.ownership import MANAGER_PREFIX

POLL_SECONDS: Final = 0.25
LONGEST_POLL_SECONDS: Final = 2.0
LONGEST_SEEN_SECONDS: Final = 5.0
"""How long a watch is trusted that still shows an object."""
FIELD_MANAGER_LENGTH: Final = 128
_GROUPS: Final = {"StatefulSet": "/apis/apps/v1", "Service": "/api/v1", "Pod": "/api/v1", "Event": "/api/v1"}
_PLURALS: Final = {"StatefulSet": "statefulsets", "Service": "services", "Pod": "pods", "Event": "events"}

Wait = Callable[[float], Awaitable[None]]
"""Waits for something, but not longer than so many seconds."""


def field_manager(cluster: str, functions_namespace: str) -> str:
    """The owner that the API server records for what the workers of one Pulsar cluster write."""
    return f"{MANAGER_PREFIX}{cluster}:{functions_namespace}"[:FIELD_MANAGER_LENGTH]


def collection(kind: str, namespace: str) -> str:
    """The path of all objects of a kind in a namespace."""
    return f"{_GROUPS[kind]}/namespaces/{quote(namespace, safe='')}/{_PLURALS[kind]}"


def path_of(kind: str, namespace: str, name: str) -> str:
    """The path of one object."""
    return f"{collection(kind, namespace)}/{quote(name, safe='')}"


def path_of_manifest(manifest: Manifest) -> str:
    """The path that a manifest is for."""
    metadata = manifest["metadata"]
    return path_of(manifest["kind"], metadata["namespace"], metadata["name"])


async def apply(api: KubernetesApi, manifest: Manifest, *, force: bool = True) -> Json:
    """Create an object or bring it in line; the server's view of it then.

    Without `force`, what another field manager set otherwise is a conflict.
    """
    query = {"fieldManager": api.manager, "force": str(force).lower(), "fieldValidation": "Strict"}
    return await api.request("PATCH", path_of_manifest(manifest), query, manifest, APPLY)


async def delete(api: KubernetesApi, path: str, grace_seconds: int | None = None) -> None:
    """Begin to delete an object and what depends on it; one that does not exist is deleted."""
    options: dict[str, Any] = {"propagationPolicy": "Foreground"}
    if grace_seconds is not None:
        options["gracePeriodSeconds"] = grace_seconds
    try:
        await api.request("DELETE", path, body={"kind": "DeleteOptions", "apiVersion": "v1", **options})
    except ApiError as error:
        if not error.is_not_found:
            raise


async def wait_gone(api: KubernetesApi, path: str, seconds: float, until_unseen: Wait | None = None) -> None:
    """Return once an object does not exist; PulsemillError after so many seconds.

    `until_unseen` waits for at most so many seconds while the object is still seen, so that fewer questions are asked.
    """
    deadline, pause = time.monotonic() + seconds, POLL_SECONDS
    while True:
        if until_unseen:
            await until_unseen(LONGEST_SEEN_SECONDS)
        if await api.get(path) is None:
            return
        if time.monotonic() > deadline:
            raise PulsemillError(f"{path} still exists {seconds:.0f} s after its deletion began")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_POLL_SECONDS)


def is_terminating(live: Mapping[str, Any]) -> bool:
    """Whether an object is being deleted, after which nothing that is applied to it remains."""
    return bool(live["metadata"].get("deletionTimestamp"))


def is_managed_by(live: Mapping[str, Any], manager: str) -> bool:
    """Whether an object was applied by the workers of this cluster."""
    return any(each.get("manager") == manager for each in live["metadata"].get("managedFields", ()))
