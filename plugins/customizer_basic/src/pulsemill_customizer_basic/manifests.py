"""Options applied to manifests. Everything is added to copies; what selects pods stays as it was."""

import copy
from collections.abc import Mapping
from typing import Any

from pulsemill.customizer import Manifest
from pulsemill.errors import AdmissionError
from pulsemill_customizer_basic.options import ResourceRequirements, RuntimeOptions


def customized_service(service: Manifest, options: RuntimeOptions) -> Manifest:
    """The Service with extra labels and annotations."""
    changed = copy.deepcopy(service)
    _check_selector(changed["spec"].get("selector", {}), options)
    _extend_metadata(changed, options)
    return changed


def customized_stateful_set(stateful_set: Manifest, options: RuntimeOptions) -> Manifest:
    """The StatefulSet and its pods with all options but name and namespace."""
    changed = copy.deepcopy(stateful_set)
    _check_selector(changed["spec"]["selector"].get("matchLabels", {}), options)
    template = changed["spec"]["template"]
    _extend_metadata(changed, options)
    _extend_metadata(template, options)
    _extend(template["spec"], "nodeSelector", options.node_selector_labels)
    if options.tolerations:
        added = [toleration.manifest() for toleration in options.tolerations]
        template["spec"]["tolerations"] = [*template["spec"].get("tolerations", ()), *added]
    for container in template["spec"]["containers"]:
        _set_resources(container, options.resource_requirements)
    return changed


def _extend_metadata(manifest: Manifest, options: RuntimeOptions) -> None:
    metadata = manifest.setdefault("metadata", {})
    _extend(metadata, "labels", options.extra_labels)
    _extend(metadata, "annotations", options.extra_annotations)


def _extend(parent: dict[str, Any], key: str, entries: Mapping[str, str]) -> None:
    if entries:
        parent[key] = {**parent.get(key, {}), **entries}


def _set_resources(container: dict[str, Any], requirements: ResourceRequirements) -> None:
    for kind, amounts in (("requests", requirements.requests), ("limits", requirements.limits)):
        quantities = amounts.quantities()
        if quantities:
            _extend(container.setdefault("resources", {}), kind, quantities)


def _check_selector(selector: Mapping[str, str], options: RuntimeOptions) -> None:
    """Pods without the labels by which they are selected are refused by Kubernetes."""
    for key, value in selector.items():
        if options.extra_labels.get(key, value) != value:
            raise AdmissionError(
                f"extraLabels.{key}: pods are selected by this label, with the value {value!r}; it cannot be changed"
            )
