import copy
from typing import Any

import yaml

from pulsemill.cli.manifest.difference import difference, documents

PLANNED: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "pf", "namespace": "default", "labels": {"tenant": "acme"}},
    "spec": {
        "replicas": 2,
        "template": {
            "metadata": {"annotations": {"prometheus.io/port": "9094"}},
            "spec": {
                "containers": [
                    {
                        "name": "pulsarfunction",
                        "command": ["sh", "-c", "run --function_id 11111111-1111-1111-1111-111111111111 --x y"],
                        "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                    }
                ]
            },
        },
    },
}


def live() -> dict[str, Any]:
    """As the API server gives it back."""
    there = copy.deepcopy(PLANNED)
    there["metadata"] |= {"uid": "1", "resourceVersion": "5", "managedFields": [{"manager": "pulsemill"}]}
    there["status"] = {"replicas": 2}
    there["spec"]["updateStrategy"] = {"type": "RollingUpdate"}
    container = there["spec"]["template"]["spec"]["containers"][0]
    container["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] = "v1"
    container["terminationMessagePath"] = "/dev/termination-log"
    return there


def changed(text: str) -> list[str]:
    return [line for line in text.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_what_the_api_server_adds_is_no_difference() -> None:
    assert difference([PLANNED], [live()]) == ""


def test_ids_that_depend_on_the_registration_are_no_difference() -> None:
    there = live()
    container = there["spec"]["template"]["spec"]["containers"][0]
    container["command"][2] = "run --function_id 22222222-1111-1111-1111-111111111111 --x y"
    assert difference([PLANNED], [there]) == ""


def test_a_changed_value_is_shown_with_both() -> None:
    there = live()
    there["spec"]["replicas"] = 3
    text = difference([PLANNED], [there])
    assert text.startswith("--- live StatefulSet default/pf\n+++ planned StatefulSet default/pf\n")
    assert changed(text) == ["-  replicas: 3", "+  replicas: 2"]


def test_more_labels_and_containers_are_a_difference_but_what_tools_note_is_none() -> None:
    there = live()
    there["metadata"]["labels"]["team"] = "data"
    template = there["spec"]["template"]
    template["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = "now"
    template["spec"]["containers"].append({"name": "sidecar"})
    assert changed(difference([PLANNED], [there])) == ["-    team: data", "-      - name: sidecar"]


def test_an_object_that_is_not_there_is_all_new() -> None:
    text = difference([PLANNED], [])
    assert all(line.startswith("+") for line in changed(text))
    assert "+  name: pf" in changed(text)


def test_documents_are_read_back_as_they_were_and_a_command_is_one_line() -> None:
    shared = {"a": "b"}
    manifests = [{"kind": "A", "one": shared, "two": shared}, {"kind": "B", "command": "word " * 100}]
    text = documents(manifests)
    assert list(yaml.safe_load_all(text)) == manifests
    assert "&" not in text
    assert f"command: '{'word ' * 100}'" in text
