"""What the options do to a function's objects."""

import copy
import json
from typing import Any

import pytest

from pulsemill.config.structuring import structure
from pulsemill.errors import AdmissionError
from pulsemill.testing import function_details
from pulsemill_customizer_basic.customizer import BasicKubernetesManifestCustomizer
from pulsemill_customizer_basic.options import RuntimeOptions
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

LABELS = {"component": "function", "tenant": "public", "namespace": "default", "name": "tested", "team": "core"}
METADATA = {"name": "pf-public-default-tested", "labels": LABELS}
DEFAULT_TOLERATION = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
SERVICE: dict[str, Any] = {"apiVersion": "v1", "kind": "Service", "metadata": METADATA, "spec": {"selector": LABELS}}
STATEFUL_SET: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": METADATA,
    "spec": {
        "selector": {"matchLabels": LABELS},
        "template": {
            "metadata": {"labels": LABELS, "annotations": {"prometheus.io/scrape": "true"}},
            "spec": {
                "tolerations": [DEFAULT_TOLERATION],
                "containers": [
                    {"name": "pulsarfunction", "resources": {"requests": {"cpu": "1", "memory": "1G"}}},
                    {"name": "beside"},
                ],
            },
        },
    },
}
KINDS = pytest.mark.parametrize("component", [FunctionDetails.FUNCTION, FunctionDetails.SOURCE, FunctionDetails.SINK])


def customizer(**base: Any) -> BasicKubernetesManifestCustomizer:
    return BasicKubernetesManifestCustomizer(structure(base, RuntimeOptions))


def details(**options: Any) -> FunctionDetails:
    return function_details(customRuntimeOptions=json.dumps(options))


def stateful_set(made: BasicKubernetesManifestCustomizer, function: FunctionDetails) -> dict[str, Any]:
    return made.customize_stateful_set(function, copy.deepcopy(STATEFUL_SET))


def pod(made: BasicKubernetesManifestCustomizer, function: FunctionDetails) -> dict[str, Any]:
    spec: dict[str, Any] = stateful_set(made, function)["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("text", ["", "  ", "null", "{}"])
def test_without_options_nothing_changes(text: str) -> None:
    made, function = customizer(), function_details(customRuntimeOptions=text)
    made.do_admission_checks(function)
    assert made.customize_stateful_set(function, STATEFUL_SET) == STATEFUL_SET
    assert made.customize_service(function, SERVICE) == SERVICE
    assert (made.customize_namespace(function, "ns"), made.customize_name(function, "")) == ("ns", "")


@KINDS
def test_name_and_namespace_are_the_functions_else_the_workers(component: FunctionDetails.ComponentType) -> None:
    made = customizer(jobNamespace="base", jobName="base-name")
    for options, expected in (
        ({"jobNamespace": "own", "jobName": "own-name"}, ("own", "own-name")),
        ({"jobNamespace": "", "jobName": None}, ("base", "base-name")),
    ):
        function = details(**options)
        function.componentType = component
        assert (made.customize_namespace(function, "default"), made.customize_name(function, "x")) == expected


@KINDS
def test_labels_and_annotations_are_added_to_all_metadata_and_to_no_selector(
    component: FunctionDetails.ComponentType,
) -> None:
    made = customizer(
        extraLabels={"a": "base", "b": "base"}, extraAnnotations={"x": "base", "prometheus.io/scrape": "0"}
    )
    function = details(extraLabels={"b": "own"}, extraAnnotations={"y": "own"})
    function.componentType = component
    labels = {**LABELS, "a": "base", "b": "own"}
    annotations = {"x": "base", "y": "own", "prometheus.io/scrape": "0"}
    changed, service = stateful_set(made, function), made.customize_service(function, SERVICE)
    for each in (changed, changed["spec"]["template"], service):
        assert each["metadata"]["labels"] == labels
        assert each["metadata"]["annotations"] == annotations
    assert changed["spec"]["selector"] == {"matchLabels": LABELS}
    assert service["spec"]["selector"] == LABELS


def test_node_selectors_are_merged_key_by_key() -> None:
    made = customizer(nodeSelectorLabels={"disk": "ssd", "zone": "a"})
    assert pod(made, details(nodeSelectorLabels={"zone": "b"}))["nodeSelector"] == {"disk": "ssd", "zone": "b"}


def test_tolerations_follow_the_defaults_those_of_the_function_last() -> None:
    base = {"key": "dedicated", "operator": "Equal", "value": "functions", "effect": "NoSchedule"}
    own = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    tolerations = pod(customizer(tolerations=[base]), details(tolerations=[own, base]))["tolerations"]
    assert tolerations == [DEFAULT_TOLERATION, base, own, base]


def test_resources_replace_single_entries_of_every_container() -> None:
    made = customizer(resourceRequirements={"requests": {"cpu": "2", "memory": "8Gi"}})
    function = details(resourceRequirements={"requests": {"cpu": 0.5}, "limits": {"memory": "9Gi"}})
    resources = [container["resources"] for container in pod(made, function)["containers"]]
    assert resources == [{"requests": {"cpu": "500m", "memory": "8Gi"}, "limits": {"memory": "9Gi"}}] * 2


def test_entries_that_are_not_given_stay() -> None:
    containers = pod(customizer(), details(resourceRequirements={"limits": {"cpu": 2}}))["containers"]
    assert containers[0]["resources"] == {"requests": {"cpu": "1", "memory": "1G"}, "limits": {"cpu": "2"}}


@pytest.mark.parametrize("quantity", [1, 1.0, "1", "1000m"])
def test_numbers_are_quantities_in_the_base_and_in_functions(quantity: Any) -> None:
    requirements = {"requests": {"cpu": quantity}}
    for made, function in (
        (customizer(resourceRequirements=requirements), details()),
        (customizer(), details(resourceRequirements=requirements)),
    ):
        assert pod(made, function)["containers"][0]["resources"]["requests"]["cpu"] == "1"


def test_no_function_changes_the_base_for_others() -> None:
    made = customizer(resourceRequirements={"requests": {"cpu": 1}}, extraLabels={"a": "base"})
    before = stateful_set(made, details())
    stateful_set(made, details(resourceRequirements={"requests": {"cpu": 9}}, extraLabels={"a": "own", "b": "own"}))
    assert stateful_set(made, details()) == before


def test_a_label_that_selects_pods_keeps_its_value() -> None:
    made = customizer(extraLabels={"team": "core"})
    assert stateful_set(made, details()) == stateful_set(customizer(), details())
    for change in (made.customize_stateful_set, made.customize_service):
        with pytest.raises(AdmissionError, match=r"extraLabels\.team: pods are selected by this label, .* 'core'"):
            change(details(extraLabels={"team": "other"}), STATEFUL_SET if "stateful" in change.__name__ else SERVICE)
