"""Values that follow from others when they are left empty.

Upstream: the getters of WorkerConfig, FunctionRuntimeManager.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs

from pulsemill.config.worker_config import WorkerConfig

RUNTIMES: Final = "org.apache.pulsar.functions.runtime"
PROCESS_RUNTIME: Final = f"{RUNTIMES}.process.ProcessRuntimeFactory"
THREAD_RUNTIME: Final = f"{RUNTIMES}.thread.ThreadRuntimeFactory"
KUBERNETES_RUNTIME: Final = f"{RUNTIMES}.kubernetes.KubernetesRuntimeFactory"
KUBERNETES_RUNTIMES: Final = frozenset(
    {KUBERNETES_RUNTIME, f"{RUNTIMES}.KubernetesRuntimeFactory", "kubernetes", "k8s"}
)
KUBERNETES_AUTH_PROVIDER: Final = "org.apache.pulsar.functions.auth.KubernetesSecretsTokenAuthProvider"
DEFAULT_SECRETS_CONFIGURATOR: Final = (
    "org.apache.pulsar.functions.secretsproviderconfigurator.DefaultSecretsProviderConfigurator"
)
CONTAINER_FACTORIES: Final = {
    "threadContainerFactory": THREAD_RUNTIME,
    "processContainerFactory": PROCESS_RUNTIME,
    "kubernetesContainerFactory": KUBERNETES_RUNTIME,
}
"""The deprecated keys and the runtimes that they select, the first given one wins."""


def with_derived_values(config: WorkerConfig, hostname: Callable[[], str]) -> WorkerConfig:
    """Fill in what is empty and follows from something else. `hostname` is asked only when it is needed."""
    config = attrs.evolve(config, worker_hostname=config.worker_hostname or hostname())
    runtime, runtime_configs, _ = selected_runtime(config)
    return attrs.evolve(
        config,
        worker_id=config.worker_id or f"{config.worker_hostname}-{config.worker_port or config.worker_port_tls}",
        function_web_service_url=config.function_web_service_url or _own_address(config),
        function_runtime_factory_class_name=runtime,
        function_runtime_factory_configs=runtime_configs,
        secrets_provider_configurator_class_name=(
            config.secrets_provider_configurator_class_name or DEFAULT_SECRETS_CONFIGURATOR
        ),
        function_auth_provider_class_name=(
            config.function_auth_provider_class_name
            or (KUBERNETES_AUTH_PROVIDER if runtime in KUBERNETES_RUNTIMES else "")
        ),
        configuration_metadata_store_url=config.configuration_metadata_store_url or config.configuration_store_servers,
        **_broker_client(config),
        **_metadata_store(config),
    )


def selected_runtime(config: WorkerConfig) -> tuple[str, dict[str, Any], str]:
    """The runtime's class name, its configuration and the key that the configuration stands under.

    A class name wins, then the first container factory; where upstream gives up, the process runtime is used.
    """
    if config.function_runtime_factory_class_name:
        name = config.function_runtime_factory_class_name
        return name, config.function_runtime_factory_configs or {}, "functionRuntimeFactoryConfigs"
    for key, given in container_factories(config).items():
        return CONTAINER_FACTORIES[key], {name: value for name, value in given.items() if value is not None}, key
    return PROCESS_RUNTIME, config.function_runtime_factory_configs or {}, "functionRuntimeFactoryConfigs"


def container_factories(config: WorkerConfig) -> dict[str, dict[str, Any]]:
    """The deprecated container factories that are given, in the order of their precedence."""
    given = {
        "threadContainerFactory": config.thread_container_factory,
        "processContainerFactory": config.process_container_factory,
        "kubernetesContainerFactory": config.kubernetes_container_factory,
    }
    return {key: factory for key, factory in given.items() if factory is not None}


def _own_address(config: WorkerConfig) -> str:
    if config.tls_enabled and config.worker_port_tls is not None:
        return f"https://{config.worker_hostname}:{config.worker_port_tls}"
    return f"http://{config.worker_hostname}:{config.worker_port}"


def _broker_client(config: WorkerConfig) -> dict[str, Any]:
    enabled = config.broker_client_authentication_enabled
    return {
        "broker_client_authentication_enabled": config.authentication_enabled if enabled is None else enabled,
        "broker_client_authentication_plugin": (
            config.broker_client_authentication_plugin or config.client_authentication_plugin
        ),
        "broker_client_authentication_parameters": (
            config.broker_client_authentication_parameters or config.client_authentication_parameters
        ),
        "broker_client_trust_certs_file_path": (
            config.broker_client_trust_certs_file_path or config.tls_trust_certs_file_path
        ),
    }


def _metadata_store(config: WorkerConfig) -> dict[str, Any]:
    deprecated = {
        "metadata_store_session_timeout_millis": config.zoo_keeper_session_timeout_millis,
        "metadata_store_operation_timeout_seconds": config.zoo_keeper_operation_timeout_seconds,
        "metadata_store_cache_expiry_seconds": config.zoo_keeper_cache_expiry_seconds,
    }
    read_only = config.metadata_store_allow_read_only_operations or config.zoo_keeper_allow_read_only_operations
    positive = {name: value for name, value in deprecated.items() if value > 0}
    return {**positive, "metadata_store_allow_read_only_operations": read_only}


def runtime_configs_key(config: WorkerConfig) -> str:
    """Where the effective configuration of the runtime was written, for errors about it."""
    for key, given in container_factories(config).items():
        effective = {name: value for name, value in given.items() if value is not None}
        selected = config.function_runtime_factory_class_name in ("", CONTAINER_FACTORIES[key])
        if selected and effective == config.function_runtime_factory_configs:
            return key
    return "functionRuntimeFactoryConfigs"
