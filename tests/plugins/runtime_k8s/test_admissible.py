"""What texts of the configuration have to look like; test_configuration_keys has those that the file is refused for."""

import re

import pytest

from pulsemill_runtime_k8s.admissible import problem_of


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


def test_a_part_of_an_objects_name_may_be_as_long_as_the_whole() -> None:
    assert problem_of("changeConfigMap", "a" * 253) is None
    assert problem_of("changeConfigMap", "a" * 254)
