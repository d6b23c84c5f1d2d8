"""What is refused of options, where it is given."""

import json
from typing import Any

import pytest

from pulsemill.config.structuring import StructuringError, structure
from pulsemill.config.unknown import unknown_keys
from pulsemill.errors import AdmissionError
from pulsemill.testing import function_details
from pulsemill_customizer_basic.customizer import BasicKubernetesManifestCustomizer
from pulsemill_customizer_basic.options import RuntimeOptions
from pulsemill_customizer_basic.reading import function_options

BAD: list[tuple[dict[str, Any], str]] = [
    ({"jobNamespace": "Not_One"}, "jobNamespace: expected a namespace of Kubernetes"),
    ({"jobName": {}}, "jobName: expected text, got {}"),
    ({"extraLabels": "a"}, "extraLabels: expected a mapping of keys to values, got 'a'"),
    ({"extraLabels": {"a": {}}}, "extraLabels.a: expected text, got {}"),
    ({"extraLabels": {"a b": "c"}}, "extraLabels: 'a b' cannot be a key: expected name or prefix/name"),
    ({"extraLabels": {"a": "b c"}}, "extraLabels: a: a value is up to 63 letters"),
    ({"extraLabels": {"a": "b" * 64}}, "extraLabels: a: a value is up to 63 letters"),
    ({"extraLabels": {"component": "x"}}, "extraLabels: component: this label says whose the objects are"),
    ({"extraLabels": {"tenant": "x"}}, "extraLabels: tenant: this label says whose the objects are"),
    ({"extraLabels": {"namespace": "x"}}, "extraLabels: namespace: this label says whose the objects are"),
    ({"extraLabels": {"name": "x"}}, "extraLabels: name: this label says whose the objects are"),
    ({"extraAnnotations": {"/a": "c"}}, "extraAnnotations: '/a' cannot be a key"),
    ({"nodeSelectorLabels": {"a": "b/c"}}, "nodeSelectorLabels: a: a value is up to 63 letters"),
    ({"tolerations": {"key": "a"}}, "tolerations: expected a list"),
    ({"tolerations": [{"tolerationSeconds": "x"}]}, "tolerations[0].tolerationSeconds: expected a whole number"),
    ({"resourceRequirements": {"requests": {"cpu": "a"}}}, "resourceRequirements.requests.cpu: expected a quantity"),
    ({"resourceRequirements": {"limits": {"memory": -1}}}, "resourceRequirements.limits.memory: expected a quantity"),
    ({"resourceRequirements": {"limits": {"memory": True}}}, "resourceRequirements.limits.memory: expected a quantity"),
]
UNKNOWN: list[tuple[dict[str, Any], str, str]] = [
    ({"extractLabels": {}}, "extractLabels", "; did you mean extraLabels?"),
    ({"JobNamespace": "a"}, "JobNamespace", "; did you mean jobNamespace?"),
    (
        {"tolerations": [{}, {"tolerationSecs": 1}]},
        "tolerations[1].tolerationSecs",
        "; did you mean tolerationSeconds?",
    ),
    ({"resourceRequirements": {"limit": {}}}, "resourceRequirements.limit", "; did you mean limits?"),
    ({"resourceRequirements": {"limits": {"nvidia.com/gpu": 1}}}, "resourceRequirements.limits.nvidia.com/gpu", ""),
]
CUSTOMIZER = BasicKubernetesManifestCustomizer(RuntimeOptions())


@pytest.mark.parametrize(("options", "refusal"), BAD)
def test_options_of_a_function_are_refused_at_registration(options: dict[str, Any], refusal: str) -> None:
    with pytest.raises(AdmissionError) as error:
        CUSTOMIZER.do_admission_checks(function_details(customRuntimeOptions=json.dumps(options)))
    assert str(error.value).startswith(f"customRuntimeOptions.{refusal}")


@pytest.mark.parametrize(("options", "refusal"), BAD)
def test_the_same_is_refused_in_the_workers_configuration(options: dict[str, Any], refusal: str) -> None:
    with pytest.raises(StructuringError) as error:
        structure(options, RuntimeOptions)
    assert str(error.value).startswith(refusal)


@pytest.mark.parametrize(("options", "path", "hint"), UNKNOWN)
def test_keys_without_effect_are_answered_with_the_nearest(options: dict[str, Any], path: str, hint: str) -> None:
    assert list(unknown_keys(options, RuntimeOptions)) == [(path, hint)]
    details = function_details(customRuntimeOptions=json.dumps(options))
    with pytest.raises(AdmissionError) as error:
        CUSTOMIZER.do_admission_checks(details)
    assert str(error.value) == f"customRuntimeOptions.{path} is unknown{hint}"
    function_options(details)  # what upstream's worker registered with them runs


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("{", "customRuntimeOptions is not valid JSON: "),
        ("{'jobName': 'a'}", "customRuntimeOptions is not valid JSON: "),
        ("[]", "customRuntimeOptions: expected a mapping with keys such as jobNamespace, got []"),
        ("7", "customRuntimeOptions: expected a mapping with keys such as jobNamespace, got 7"),
    ],
)
def test_what_is_no_json_object_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(AdmissionError) as error:
        CUSTOMIZER.do_admission_checks(function_details(customRuntimeOptions=text))
    assert str(error.value).startswith(refusal)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    options = {"jobName": {}, "tolerations": 1}
    with pytest.raises(AdmissionError, match=r"Options\.jobName: .*; customRuntimeOptions\.tolerations: "):
        CUSTOMIZER.do_admission_checks(function_details(customRuntimeOptions=json.dumps(options)))
