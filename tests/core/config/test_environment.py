"""PF_* variables change the configuration as in the official images."""

import pytest

from pulsemill.config.environment import with_overrides
from pulsemill.errors import ConfigurationError


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("PF_workerPort", "7000", {"workerPort": "7000"}),
        ("PF_functionRuntimeFactoryConfigs_a", "x", {"functionRuntimeFactoryConfigs": {"a": "x"}}),
        ("PF_kubernetesContainerFactory_labels_a", "b", {"kubernetesContainerFactory": {"labels": {"a": "b"}}}),
        ("PF_properties_brokerClient_memoryLimit", "1", {"properties": {"brokerClient_memoryLimit": "1"}}),
        ("PF_pulsemill_maxPackageBytes", "1", {"pulsemill": {"maxPackageBytes": "1"}}),
        ("PF_superUserRoles", "a, b,", {"superUserRoles": ["a", "b"]}),
        ("PF_superUserRoles", "", {"superUserRoles": []}),
        ("PF_superUserRoles", "[a, b]", {"superUserRoles": ["a", "b"]}),
        ("PF_additionalJavaRuntimeArguments", "-Da={1,2}", {"additionalJavaRuntimeArguments": ["-Da={1,2}"]}),
        ("PF_additionalJavaRuntimeArguments", "['-Da', b]", {"additionalJavaRuntimeArguments": ["-Da", "b"]}),
        ("PF_runtimeCustomizerConfig", "{jobName: x}", {"runtimeCustomizerConfig": {"jobName": "x"}}),
        ("PF_workerId", "[not a list]", {"workerId": "[not a list]"}),
        ("PF_", "x", {}),
        ("HOME", "x", {}),
    ],
)  # fmt: skip
def test_a_variable_sets_a_key(variable: str, value: str, expected: dict[str, object]) -> None:
    assert with_overrides({}, {variable: value})[0] == expected


def test_what_a_variable_does_not_name_stays() -> None:
    given = {"functionRuntimeFactoryConfigs": {"logDirectory": "logs", "other": 1}, "workerId": "a"}
    result, variables = with_overrides(given, {"PF_functionRuntimeFactoryConfigs_logDirectory": "x"})
    assert result == {"functionRuntimeFactoryConfigs": {"logDirectory": "x", "other": 1}, "workerId": "a"}
    assert variables == {"functionRuntimeFactoryConfigs.logDirectory": "PF_functionRuntimeFactoryConfigs_logDirectory"}
    assert given["functionRuntimeFactoryConfigs"] == {"logDirectory": "logs", "other": 1}


def test_an_empty_key_can_be_filled() -> None:
    given = {"functionRuntimeFactoryConfigs": None}
    assert with_overrides(given, {"PF_functionRuntimeFactoryConfigs_a": "x"})[0] == {
        "functionRuntimeFactoryConfigs": {"a": "x"}
    }


def test_nothing_can_be_set_inside_of_a_text() -> None:
    with pytest.raises(ConfigurationError, match="PF_workerId_x: cannot set x inside of workerId, which is no mapping"):
        with_overrides({"workerId": "a"}, {"PF_workerId_x": "1"})


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ("k8s", "kubernetesContainerFactory"),
        ("process", "processContainerFactory"),
        ("thread", "threadContainerFactory"),
    ],
)
def test_one_container_factory_is_kept(choice: str, kept: str) -> None:
    given = {
        "threadContainerFactory": {},
        "processContainerFactory": {},
        "kubernetesContainerFactory": None,
        "workerId": "a",
    }
    assert with_overrides(given, {"PF_containerFactory": choice})[0] == {kept: {}, "workerId": "a"}


def test_an_unknown_container_factory_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="PF_containerFactory: expected k8s, process, thread, got 'docker'"):
        with_overrides({}, {"PF_containerFactory": "docker"})


def test_a_malformed_list_is_an_error_that_names_the_variable() -> None:
    with pytest.raises(ConfigurationError, match="PF_superUserRoles:1: is not YAML"):
        with_overrides({}, {"PF_superUserRoles": "[a"})
