"""Keys of runtimes, their plugins and what instances get."""

from typing import Any, Final

import attrs

from pulsemill.config.keys import key
from pulsemill.config.resources import Resources

BOOKKEEPER_STATE: Final = "org.apache.pulsar.functions.instance.state.BKStateStoreProviderImpl"


@attrs.frozen(kw_only=True, slots=False)
class RuntimeKeys:
    """Which plugins run functions, and with what configuration."""

    function_runtime_factory_class_name: str = key(
        "",
        "Runtime that runs functions: a plugin's name or package.module:Class.",
        read_by="pulsemill.plugins",
        derived="the runtime of the first container factory given, else the process runtime",
    )
    function_runtime_factory_configs: dict[str, Any] | None = key(
        None,
        "Configuration of that runtime.",
        read_by="pulsemill.plugins",
        secret=True,
        derived="the keys of the container factory",
    )
    thread_container_factory: dict[str, Any] | None = key(
        None, "Deprecated: selects and configures the thread runtime.", read_by="pulsemill.config", secret=True
    )
    process_container_factory: dict[str, Any] | None = key(
        None, "Deprecated: selects and configures the process runtime.", read_by="pulsemill.config", secret=True
    )
    kubernetes_container_factory: dict[str, Any] | None = key(
        None, "Deprecated: selects and configures the Kubernetes runtime.", read_by="pulsemill.config", secret=True
    )
    secrets_provider_configurator_class_name: str = key(
        "",
        "Plugin that brings secrets to instances.",
        read_by="pulsemill.plugins",
        derived="DefaultSecretsProviderConfigurator",
    )
    secrets_provider_configurator_config: dict[str, Any] | None = key(
        None, "Configuration of that plugin.", read_by="pulsemill.plugins", secret=True
    )
    runtime_customizer_class_name: str = key(
        "", "Plugin that changes the manifests of the Kubernetes runtime.", read_by="pulsemill.plugins"
    )
    runtime_customizer_config: dict[str, Any] = key(
        attrs.Factory(dict), "Configuration of that plugin.", read_by="pulsemill.plugins", secret=True
    )
    function_auth_provider_class_name: str = key(
        "",
        "Plugin that turns a caller's credentials into the function's; used with authenticationEnabled.",
        read_by="pulsemill.plugins",
        derived="KubernetesSecretsTokenAuthProvider under the Kubernetes runtime, else none",
    )
    function_instance_min_resources: Resources | None = key(
        None, "Least resources that an instance may ask for.", read_by="pulsemill_runtime_k8s"
    )
    function_instance_max_resources: Resources | None = key(
        None, "Most resources that an instance may ask for.", read_by="pulsemill_runtime_k8s"
    )
    function_instance_resource_granularities: Resources | None = key(
        None, "Resources must be multiples of these.", read_by="pulsemill_runtime_k8s"
    )
    function_instance_resource_change_in_lock_step: bool = key(
        False, "Whether all resources must be the same multiple.", read_by="pulsemill_runtime_k8s"
    )
    max_pending_async_requests: int = key(
        1000, "Messages in flight of an asynchronous Java function.", read_by="pulsemill.worker"
    )
    forward_source_message_property: bool = key(
        True, "Whether input properties go to the output where a function does not say.", read_by="pulsemill.functions"
    )
    additional_java_runtime_arguments: tuple[str, ...] = key(
        (), "Arguments for java in the command line of a Java function.", read_by="pulsemill_runtime_process"
    )
    state_storage_service_url: str | None = key(
        None,
        "Where function state is stored: bk://HOST:4181 or sqlite:///FILE; null: nowhere.",
        read_by="pulsemill.worker",
    )
    state_storage_provider_implementation: str = key(
        BOOKKEEPER_STATE,
        "Class that stores function state; only this one, which also stands for sqlite:///FILE.",
        read_by="pulsemill.config",
    )
