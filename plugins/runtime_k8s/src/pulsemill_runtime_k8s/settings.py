"""The effective settings: the runtime's configuration, the worker's where that leaves something open, and defaults."""

from pathlib import PurePosixPath
from typing import Final

import attrs

from pulsemill.config.resources import Resources
from pulsemill.config.worker_config import WorkerConfig
from pulsemill_instance.state.urls import TableServiceAddress, parse_state_url
from pulsemill_runtime_k8s.config import KubernetesRuntimeFactoryConfig, OwnOptions

LOG_DIRECTORY: Final = "logs/functions"


@attrs.frozen(kw_only=True)
class Settings:
    """What every object is made from. The attributes are upstream's fields, by whose names changeConfigMap sets them.

    Paths and URLs are those that a pod sees.
    """

    k8_uri: str | None = None
    job_namespace: str
    job_name: str = ""
    pulsar_docker_image_name: str
    function_docker_images: dict[str, str]
    image_pull_policy: str
    pulsar_root_dir: str
    config_admin_cli: str = attrs.field(metadata={"key": "configAdminCLI"})
    pulsar_admin_url: str
    pulsar_service_url: str
    python_dependency_repository: str
    python_extra_dependency_repository: str
    extra_dependencies_dir: str
    change_config_map: str
    change_config_map_namespace: str
    percent_memory_padding: int
    cpu_over_commit_ratio: float
    memory_over_commit_ratio: float
    submitting_inside_pod: bool
    install_user_code_dependencies: bool
    custom_labels: dict[str, str]
    state_storage_service_uri: str | None
    java_instance_jar_file: str
    python_instance_file: str
    min_resources: Resources | None
    max_resources: Resources | None
    resource_granularities: Resources | None
    resource_change_in_lock_step: bool
    grpc_port: int
    metrics_port: int
    nar_extraction_directory: str
    function_instance_class_path: str
    download_directory: str
    grace_period_seconds: int
    additional_java_runtime_arguments: tuple[str, ...]
    own: OwnOptions

    def docker_image(self, language: str) -> str:
        """The language's image. Upstream sends none for one that functionDockerImages lacks, which is refused."""
        return self.function_docker_images.get(language) or self.pulsar_docker_image_name


def settings_of(config: KubernetesRuntimeFactoryConfig, worker: WorkerConfig) -> Settings:
    """The settings as upstream's factory takes them at its start."""
    root = config.pulsar_root_dir or "/pulsar"
    return Settings(
        k8_uri=config.k8_uri,
        job_namespace=config.job_namespace or "default",
        job_name=config.job_name or "",
        pulsar_docker_image_name=config.pulsar_docker_image_name or "apachepulsar/pulsar",
        function_docker_images=config.function_docker_images or {},
        image_pull_policy=config.image_pull_policy or "IfNotPresent",
        pulsar_root_dir=root,
        config_admin_cli=config.config_admin_cli or "/bin/pulsar-admin",
        pulsar_admin_url=config.pulsar_admin_url or worker.pulsar_web_service_url or "",
        pulsar_service_url=config.pulsar_service_url or worker.pulsar_service_url,
        python_dependency_repository=config.python_dependency_repository or "",
        python_extra_dependency_repository=config.python_extra_dependency_repository or "",
        extra_dependencies_dir=_below(root, config.extra_function_dependencies_dir or "instances/deps"),
        change_config_map=config.change_config_map or "",
        change_config_map_namespace=config.change_config_map_namespace or "",
        percent_memory_padding=config.percent_memory_padding,
        cpu_over_commit_ratio=config.cpu_over_commit_ratio,
        memory_over_commit_ratio=config.memory_over_commit_ratio,
        submitting_inside_pod=bool(config.submitting_inside_pod),
        install_user_code_dependencies=bool(config.install_user_code_dependencies),
        custom_labels=config.custom_labels or {},
        state_storage_service_uri=_state_url(worker),
        java_instance_jar_file=f"{root}/instances/java-instance.jar",
        python_instance_file=f"{root}/instances/python-instance/python_instance_main.py",
        min_resources=worker.function_instance_min_resources,
        max_resources=worker.function_instance_max_resources,
        resource_granularities=worker.function_instance_resource_granularities,
        resource_change_in_lock_step=worker.function_instance_resource_change_in_lock_step,
        grpc_port=config.grpc_port,
        metrics_port=config.metrics_port,
        nar_extraction_directory=config.nar_extraction_directory,
        # What upstream's scripts give a worker in the official image, and so pods of the same layout.
        function_instance_class_path=config.function_instance_class_path or f"{root}/conf:::{root}/lib/*:",
        download_directory=_below(root, worker.download_directory) if worker.download_directory else root,
        grace_period_seconds=config.grace_period_seconds,
        additional_java_runtime_arguments=worker.additional_java_runtime_arguments,
        own=config.pulsemill,
    )


def _below(root: str, path: str) -> str:
    return path if PurePosixPath(path).is_absolute() else f"{root}/{path}"


def _state_url(worker: WorkerConfig) -> str | None:
    """A file of the worker is none of its pods'."""
    url = worker.state_storage_service_url
    return url if url and isinstance(parse_state_url(url), TableServiceAddress) else None
