"""Volumes with credentials in manifests of StatefulSets, beside those that a customizer put there."""

import copy
from typing import Any, Final

from pulsemill.customizer import Manifest
from pulsemill.errors import PulsemillError

DIRECTORY: Final = "/etc/auth"
TOKEN_FILE: Final = "token"  # noqa: S105 # a file's name
TOKEN_PARAMETERS: Final = f"file://{DIRECTORY}/{TOKEN_FILE}"
TOKEN_PLUGIN: Final = "org.apache.pulsar.client.impl.auth.AuthenticationToken"  # noqa: S105 # a class, no token


def with_credentials(stateful_set: Manifest, volume: Manifest) -> Manifest:
    """The StatefulSet with one more volume, mounted in every container; PulsemillError when its place is taken."""
    changed = copy.deepcopy(stateful_set)
    pod: dict[str, Any] = changed["spec"]["template"]["spec"]
    pod["volumes"] = [*_others(pod, "volumes", "name", volume["name"]), volume]
    mount = {"name": volume["name"], "mountPath": DIRECTORY, "readOnly": True}
    for container in pod["containers"]:
        container["volumeMounts"] = [*_others(container, "volumeMounts", "mountPath", DIRECTORY), mount]
    return changed


def _others(parent: dict[str, Any], field: str, key: str, wanted: str) -> list[dict[str, Any]]:
    present: list[dict[str, Any]] = parent.get(field) or []
    if any(each[key].rstrip("/") == wanted for each in present):
        raise PulsemillError(
            f"the pods have {field} with the {key} {wanted} already, where the function's credentials belong; "
            f"the manifest customizer has to leave it free"
        )
    return present
