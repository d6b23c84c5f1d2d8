"""Empty values that follow from others."""

from typing import Any

import pytest

from pulsemill.config.derived import (
    DEFAULT_SECRETS_CONFIGURATOR,
    KUBERNETES_AUTH_PROVIDER,
    KUBERNETES_RUNTIME,
    PROCESS_RUNTIME,
    THREAD_RUNTIME,
    runtime_configs_key,
    with_derived_values,
)
from pulsemill.config.worker_config import WorkerConfig


def derived(**values: Any) -> WorkerConfig:
    return with_derived_values(WorkerConfig(**values), lambda: "host.example")


@pytest.mark.parametrize(
    ("given", "attribute", "value"),
    [
        ({}, "worker_hostname", "host.example"),
        ({"worker_hostname": "w1"}, "worker_hostname", "w1"),
        ({}, "worker_id", "host.example-6750"),
        ({"worker_hostname": "w1", "worker_port": None, "worker_port_tls": 6751}, "worker_id", "w1-6751"),
        ({"worker_id": "me"}, "worker_id", "me"),
        ({"worker_hostname": "w1"}, "function_web_service_url", "http://w1:6750"),
        ({"worker_hostname": "w1", "worker_port_tls": 6751}, "function_web_service_url", "http://w1:6750"),
        (
            {"worker_hostname": "w1", "worker_port_tls": 6751, "tls_enabled": True},
            "function_web_service_url",
            "https://w1:6751",
        ),
        ({"function_web_service_url": "http://lb"}, "function_web_service_url", "http://lb"),
        ({"authentication_enabled": True}, "broker_client_authentication_enabled", True),
        (
            {"authentication_enabled": True, "broker_client_authentication_enabled": False},
            "broker_client_authentication_enabled",
            False,
        ),
        ({"tls_trust_certs_file_path": "ca.pem"}, "broker_client_trust_certs_file_path", "ca.pem"),
        ({"client_authentication_plugin": "P"}, "broker_client_authentication_plugin", "P"),
        ({"client_authentication_parameters": "p"}, "broker_client_authentication_parameters", "p"),
        ({"configuration_store_servers": "zk:1"}, "configuration_metadata_store_url", "zk:1"),
        ({"zoo_keeper_session_timeout_millis": 5}, "metadata_store_session_timeout_millis", 5),
        ({}, "metadata_store_session_timeout_millis", 30000),
        ({"zoo_keeper_allow_read_only_operations": True}, "metadata_store_allow_read_only_operations", True),
        ({}, "secrets_provider_configurator_class_name", DEFAULT_SECRETS_CONFIGURATOR),
        ({}, "function_auth_provider_class_name", ""),
        ({"kubernetes_container_factory": {}}, "function_auth_provider_class_name", KUBERNETES_AUTH_PROVIDER),
        (
            {"function_runtime_factory_class_name": KUBERNETES_RUNTIME},
            "function_auth_provider_class_name",
            KUBERNETES_AUTH_PROVIDER,
        ),
    ],
)
def test_a_value_follows(given: dict[str, Any], attribute: str, value: object) -> None:
    assert getattr(derived(**given), attribute) == value


@pytest.mark.parametrize(
    ("given", "name", "configs", "key"),
    [
        ({}, PROCESS_RUNTIME, {}, "functionRuntimeFactoryConfigs"),
        ({"function_runtime_factory_configs": {"a": 1}}, PROCESS_RUNTIME, {"a": 1}, "functionRuntimeFactoryConfigs"),
        (
            {"function_runtime_factory_class_name": "x:Y", "thread_container_factory": {"b": 1}},
            "x:Y",
            {},
            "functionRuntimeFactoryConfigs",
        ),
        ({"thread_container_factory": {}}, THREAD_RUNTIME, {}, "threadContainerFactory"),
        (
            {"process_container_factory": {"a": 1, "b": None}, "function_runtime_factory_configs": {"c": 2}},
            PROCESS_RUNTIME,
            {"a": 1},
            "processContainerFactory",
        ),
        (
            {"kubernetes_container_factory": {"k": 1}, "process_container_factory": {"p": 1}},
            PROCESS_RUNTIME,
            {"p": 1},
            "processContainerFactory",
        ),
        ({"kubernetes_container_factory": {"k": 1}}, KUBERNETES_RUNTIME, {"k": 1}, "kubernetesContainerFactory"),
    ],
)
def test_the_runtime_follows_the_precedence(
    given: dict[str, Any], name: str, configs: dict[str, Any], key: str
) -> None:
    config = derived(**given)
    assert config.function_runtime_factory_class_name == name
    assert config.function_runtime_factory_configs == configs
    assert runtime_configs_key(config) == key


def test_the_host_is_not_asked_for_its_name_without_need() -> None:
    config = with_derived_values(WorkerConfig(worker_hostname="w1"), lambda: pytest.fail("asked"))
    assert config.worker_id == "w1-6750"


def test_deriving_twice_changes_nothing() -> None:
    once = derived(kubernetes_container_factory={"k": 1}, client_authentication_plugin="P")
    assert with_derived_values(once, lambda: "other") == once
