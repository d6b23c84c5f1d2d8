"""Kubernetes secrets as environment variables."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.errors import AdmissionError, PulsemillError
from pulsemill.plugin import NoConfig
from pulsemill.testing import function_details
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_secrets_k8s.configurator import KubernetesSecretsProviderConfigurator

CONFIGURATOR = KubernetesSecretsProviderConfigurator(NoConfig())
JAVA_PROVIDER = "org.apache.pulsar.functions.secretsprovider.EnvironmentBasedSecretsProvider"


def with_secrets(secrets: Any, **fields: Any) -> FunctionDetails:
    return function_details(secretsMap=json.dumps(secrets), **fields)


def environment(details: FunctionDetails, *present: dict[str, Any]) -> list[dict[str, Any]]:
    """The variables of a container that had some."""
    container: dict[str, Any] = {"name": "pulsarfunction", "env": list(present)}
    CONFIGURATOR.configure_kubernetes_runtime(details, {"containers": [container]}, container)
    variables: list[dict[str, Any]] = container["env"]
    return variables


@pytest.mark.parametrize(
    ("language", "provider"),
    [
        (FunctionDetails.JAVA, JAVA_PROVIDER),
        (FunctionDetails.PYTHON, "secretsprovider.EnvironmentBasedSecretsProvider"),
        (FunctionDetails.GO, ""),
    ],
)
def test_instances_read_their_environment(language: FunctionDetails.Runtime, provider: str) -> None:
    details = function_details(runtime=language)
    assert CONFIGURATOR.get_secrets_provider_class_name(details) == provider
    assert CONFIGURATOR.get_secrets_provider_config(details) is None


@pytest.mark.parametrize("language", FunctionDetails.Runtime.values())
def test_a_secret_becomes_a_variable_in_every_language(language: FunctionDetails.Runtime) -> None:
    details = with_secrets({"PASSWORD": {"path": "database", "key": "pass.word"}}, runtime=language)
    source = {"secretKeyRef": {"name": "database", "key": "pass.word"}}
    assert environment(details) == [{"name": "PASSWORD", "valueFrom": source}]


@given(st.lists(st.from_regex(r"[A-Z_]{1,8}", fullmatch=True).filter(lambda name: name != "POD_NAME"), unique=True))
def test_variables_stand_in_the_order_of_the_configuration_after_those_that_were_there(names: list[str]) -> None:
    details = with_secrets({name: {"path": "s", "key": "k"} for name in names})
    pod_name = {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    assert [variable["name"] for variable in environment(details, pod_name)] == ["POD_NAME", *names]


def test_a_variable_that_was_there_is_not_given_twice() -> None:
    details = with_secrets({"A": {"path": "s", "key": "k"}})
    variables = environment(details, {"name": "A", "value": "old"}, {"name": "B", "value": "stays"})
    assert [variable["name"] for variable in variables] == ["B", "A"]


def test_a_function_without_secrets_leaves_its_container_alone() -> None:
    for secrets in ("", "{}", "null"):
        container: dict[str, Any] = {"name": "pulsarfunction"}
        details = function_details(secretsMap=secrets)
        CONFIGURATOR.configure_kubernetes_runtime(details, {"containers": [container]}, container)
        assert container == {"name": "pulsarfunction"}


@pytest.mark.parametrize(
    ("secret", "refusal"),
    [
        ("text", "Kubernetes Secret should be a Map containing id/key pairs"),
        (["path", "key"], "Kubernetes Secret should be a Map containing id/key pairs"),
        ({"path": "s"}, "Kubernetes Secret should contain id and key"),
        ({}, "Kubernetes Secret should contain id and key"),
        ({"id": "s", "key": "k"}, "Kubernetes Secret should contain id information"),
        ({"path": "s", "id": "k"}, "Kubernetes Secret should contain key information"),
        ({"path": 7, "key": "k"}, "the path of the secret 'PASSWORD' is not the name of a Secret, but 7"),
        ({"path": "s", "key": None}, "the key of the secret 'PASSWORD' is not a key of a Secret, but None"),
        ({"path": "My_Secret", "key": "k"}, "the path of the secret 'PASSWORD' is not the name of a Secret, but 'My"),
        ({"path": "s" * 254, "key": "k"}, "the path of the secret 'PASSWORD' is not the name of a Secret"),
        ({"path": "s", "key": "a/b"}, "the key of the secret 'PASSWORD' is not a key of a Secret, but 'a/b'"),
    ],
)
def test_secrets_of_another_form_are_refused_at_registration(secret: Any, refusal: str) -> None:
    with pytest.raises(AdmissionError) as error:
        CONFIGURATOR.do_admission_checks(with_secrets({"PASSWORD": secret}))
    assert str(error.value).startswith(refusal)


def test_keys_that_nothing_reads_are_taken_as_upstream_takes_them() -> None:
    CONFIGURATOR.do_admission_checks(with_secrets({"A": {"path": "s", "key": "k", "note": 1}}))


@pytest.mark.parametrize("name", ["", "A=B", "ÄNDERN", "A\n", "POD_NAME"])
def test_names_that_cannot_be_a_variable_of_their_own_are_refused(name: str) -> None:
    with pytest.raises(AdmissionError, match="cannot be an environment variable: i"):
        CONFIGURATOR.do_admission_checks(with_secrets({name: {"path": "s", "key": "k"}}))


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_text_that_is_no_map_is_refused(text: str) -> None:
    with pytest.raises(AdmissionError, match=r"^secrets "):
        CONFIGURATOR.do_admission_checks(function_details(secretsMap=text))


def test_another_runtime_is_told_that_it_cannot_have_them() -> None:
    with pytest.raises(PulsemillError, match="should only be setup for Kubernetes Runtime; choose another"):
        CONFIGURATOR.configure_process_runtime(function_details())
