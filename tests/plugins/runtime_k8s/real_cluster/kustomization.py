"""What `kubectl kustomize deploy/kubernetes` makes, without kubectl: the transformations that are used there."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from tests.rig.kubernetes.containerfile import DEPLOY

FOLDER: Final = DEPLOY / "kubernetes"
KNOWN: Final = {"apiVersion", "kind", "namespace", "resources", "images"}


def kustomized(namespace: str = "") -> Iterator[dict[str, Any]]:
    """The manifests, in the kustomization's namespace or in another one."""
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    assert set(kustomization) <= KNOWN, "the tests do not know what kubectl does with the others"
    for resource in kustomization["resources"]:
        manifest = yaml.safe_load((FOLDER / resource).read_text())
        _place(manifest, namespace or kustomization["namespace"])
        for image in kustomization["images"]:
            _choose(manifest, image)
        yield manifest


def with_choices(manifest: Mapping[str, Any], images: Mapping[str, str], variables: Mapping[str, str]) -> Any:
    """A manifest of `kustomized`; if it has containers, with other images and environment variables."""
    changed = copy.deepcopy(dict(manifest))
    for container in _containers(changed):
        container["image"] = images[container["image"]]
        kept = [each for each in container["env"] if each["name"] not in variables]
        container["env"] = [*kept, *({"name": name, "value": value} for name, value in variables.items())]
    return changed


def _place(manifest: dict[str, Any], namespace: str) -> None:
    for one in (manifest["metadata"], *manifest.get("subjects", ())):
        one["namespace"] = namespace


def _choose(manifest: dict[str, Any], image: Mapping[str, str]) -> None:
    for container in _containers(manifest):
        if container["image"] == image["name"]:
            container["image"] = f"{image['name']}:{image['newTag']}"


def _containers(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    if manifest["kind"] != "StatefulSet":
        return []
    found: list[dict[str, Any]] = manifest["spec"]["template"]["spec"]["containers"]
    return found
