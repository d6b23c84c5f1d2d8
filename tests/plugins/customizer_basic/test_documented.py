"""The examples that Pulsar's documentation gives: the same keys and kinds of values, its misspelling with them."""

import copy
import json
from typing import Any

import pytest
import yaml

from pulsemill.config.structuring import structure
from pulsemill.config.unknown import unknown_keys
from pulsemill.errors import AdmissionError
from pulsemill.testing import function_details
from pulsemill_customizer_basic.customizer import BasicKubernetesManifestCustomizer
from pulsemill_customizer_basic.options import RuntimeOptions
from pulsemill_customizer_basic.reading import NO_JSON
from tests.plugins.customizer_basic.test_customizer import DEFAULT_TOLERATION, LABELS, SERVICE, STATEFUL_SET

BASE = """
jobName: reports
jobNamespace: analytics
%s:
  cost-center: "7"
extraAnnotations:
  contact: nobody
nodeSelectorLabels:
  disk: ssd
tolerations:
  - key: dedicated
    value: functions
    effect: NoSchedule
resourceRequirements:
  requests:
    cpu: 1
    memory: 4G
  limits:
    cpu: 2
    memory: 8G
"""
"""As in functions_worker.yml: quantities without quotes, a toleration without an operator."""
OWN = """{
  "jobName": "reports",
  "jobNamespace": "analytics",
  "%s": {"cost-center": "7"},
  "extraAnnotations": {"contact": "nobody"},
  "nodeSelectorLabels": {"disk": "ssd"},
  "tolerations": [{"key": "dedicated", "value": "functions", "effect": "NoSchedule"}],
  "resourceRequirements": {
    "requests": {"cpu": 1, "memory": "4G"},
    "limits": {"cpu": 2, "memory": "8G"}
  }
}"""
MISSPELLED, RIGHT = "extractLabels", "extraLabels"
RESOURCES = {"requests": {"cpu": "1", "memory": "4G"}, "limits": {"cpu": "2", "memory": "8G"}}
TOLERATION = {"key": "dedicated", "value": "functions", "effect": "NoSchedule"}


def in_base(spelling: str) -> Any:
    return yaml.safe_load(BASE % spelling)


def changed_by(base: Any, own: str) -> tuple[dict[str, Any], dict[str, Any], str, str]:
    """StatefulSet, Service, namespace and name."""
    customizer = BasicKubernetesManifestCustomizer(structure(base, RuntimeOptions))
    details = function_details(customRuntimeOptions=own)
    customizer.do_admission_checks(details)
    return (
        customizer.customize_stateful_set(details, copy.deepcopy(STATEFUL_SET)),
        customizer.customize_service(details, copy.deepcopy(SERVICE)),
        customizer.customize_namespace(details, "default"),
        customizer.customize_name(details, ""),
    )


@pytest.mark.parametrize(("base", "own"), [(in_base(RIGHT), ""), ({}, OWN % RIGHT), (in_base(RIGHT), OWN % RIGHT)])
def test_with_the_right_name_all_of_it_is_taken(base: Any, own: str) -> None:
    stateful_set, service, namespace, name = changed_by(base, own)
    template = stateful_set["spec"]["template"]
    for each in (stateful_set, service, template):
        assert each["metadata"]["labels"] == LABELS | {"cost-center": "7"}
        assert each["metadata"]["annotations"]["contact"] == "nobody"
    assert (namespace, name) == ("analytics", "reports")
    assert template["spec"]["nodeSelector"] == {"disk": "ssd"}
    assert template["spec"]["tolerations"] == [DEFAULT_TOLERATION] + [TOLERATION] * (bool(base) + bool(own))
    assert [each["resources"] for each in template["spec"]["containers"]] == [RESOURCES, RESOURCES]


def test_as_printed_a_function_is_answered_with_the_right_name() -> None:
    with pytest.raises(AdmissionError) as error:
        changed_by({}, OWN % MISSPELLED)
    assert str(error.value) == "customRuntimeOptions.extractLabels is unknown; did you mean extraLabels?"


def test_as_printed_the_workers_configuration_is_told_the_right_name() -> None:
    base = in_base(MISSPELLED)
    assert list(unknown_keys(base, RuntimeOptions)) == [(MISSPELLED, "; did you mean extraLabels?")]
    stateful_set = changed_by(base, "")[0]
    assert stateful_set["metadata"]["labels"] == LABELS


@pytest.mark.parametrize(
    "text",
    [
        "// as documented\n{}",
        '{"jobName": "reports", // a comment\n "jobNamespace": "analytics"}',
        '{"jobName": "reports" # a comment\n}',
        '{"resourceRequirements": /* a comment */ {}}',
        "{'jobName': 'reports'}",
        "{\"jobName\": 'reports'}",
    ],
)
def test_what_upstreams_parser_takes_beyond_json_is_refused_and_named(text: str) -> None:
    with pytest.raises(AdmissionError, match=r"^customRuntimeOptions is not valid JSON: ") as error:
        changed_by({}, text)
    assert str(error.value).endswith(NO_JSON)


@pytest.mark.parametrize("text", ["{", '{"a": 1,}', json.dumps({"a": "//"})[:-1]])
def test_other_mistakes_are_not_blamed_on_comments(text: str) -> None:
    with pytest.raises(AdmissionError) as error:
        changed_by({}, text)
    assert "comments" not in str(error.value)
