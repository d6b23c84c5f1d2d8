"""Which keys a ConfigMap may change, and to which values."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pulsemill_runtime_k8s.changeable import FIXED, changeable, problem_of
from pulsemill_runtime_k8s.settings import Settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "kubernetes.md"


def test_the_documentation_lists_the_keys(new_settings: Callable[..., Settings]) -> None:
    (listed,) = re.findall(r"Its keys are those that upstream takes:(.*?)\.\s", DOCUMENT.read_text(), re.DOTALL)
    assert re.findall(r"`(\w+)`", listed) == list(changeable(new_settings()))


def test_a_key_either_may_change_or_has_a_reason(new_settings: Callable[..., Settings]) -> None:
    assert not set(changeable(new_settings())) & set(FIXED)
    assert {"k8Uri", "grpcPort", "cpuOverCommitRatio", "customLabels", "functionDockerImages"} <= set(FIXED)


def test_the_values_of_a_configuration_are_fine(new_settings: Callable[..., Settings]) -> None:
    settings = new_settings(
        jobName="My Job",
        changeConfigMap="worker.changes",
        changeConfigMapNamespace="pulsar",
        worker={"stateStorageServiceUrl": "bk://a:4181,b:4181"},
    )
    keys = changeable(settings)
    assert {key: problem_of(key, getattr(settings, keys[key])) for key in keys} == dict.fromkeys(keys)


@pytest.mark.parametrize(
    "key",
    [
        *("jobNamespace", "pulsarDockerImageName", "imagePullPolicy", "pulsarRootDir", "configAdminCLI"),
        *("pulsarAdminUrl", "pulsarServiceUrl", "extraDependenciesDir", "changeConfigMap", "changeConfigMapNamespace"),
        *("javaInstanceJarFile", "pythonInstanceFile", "functionInstanceClassPath", "downloadDirectory"),
    ],
)
def test_what_is_needed_cannot_be_empty(key: str) -> None:
    assert problem_of(key, "")


@pytest.mark.parametrize(
    "key",
    [
        *("jobName", "pythonDependencyRepository", "pythonExtraDependencyRepository", "stateStorageServiceUri"),
        "narExtractionDirectory",
    ],
)
def test_the_rest_can(key: str) -> None:
    assert problem_of(key, "") is None


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("imagePullPolicy", "Sometimes", "expected one of Always, IfNotPresent, Never, got 'Sometimes'"),
        ("imagePullPolicy", "always", "expected one of"),
        ("jobNamespace", "My_Functions", "expected the name of a namespace"),
        ("jobNamespace", "n" * 64, "expected the name of a namespace"),
        ("changeConfigMapNamespace", "a.b", "expected the name of a namespace"),
        ("changeConfigMap", "Changes", "expected the name of a ConfigMap"),
        ("changeConfigMap", f"{'a' * 60}." * 5 + "a", "expected the name of a ConfigMap"),
        ("jobName", "1st", "Kubernetes only admits lower case and numbers"),
        ("jobName", "j" * 50, "Kubernetes job name size should be less than 53"),
        ("pulsarDockerImageName", "mine:2\n", r"expected a text without blanks, got 'mine:2\\n'"),
        ("pulsarRootDir", "/two words", "expected a text without blanks"),
        ("pulsarAdminUrl", "functions-worker:6750", "expected a URL such as http"),
        ("pulsarServiceUrl", "http://broker:8080", "expected a URL such as pulsar"),
        ("stateStorageServiceUri", "sqlite:///state.db", "expected a URL such as bk"),
    ],
)
def test_what_can_never_work_is_refused(key: str, value: str, problem: str) -> None:
    assert re.match(problem, problem_of(key, value) or "")
