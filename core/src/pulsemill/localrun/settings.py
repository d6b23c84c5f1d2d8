"""What a local run is told, and the worker configuration that its runtime gets. Pure."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs

from pulsemill.admin.components import Code
from pulsemill.config.sections.own import OwnKeys
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PulsemillError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, Instance, PackageLocationMetaData
from pulsemill_instance.state.urls import state_file_url

CLUSTER = "local"
"""The cluster's name in metrics, as upstream's local runner has it."""

HEALTH_CHECK_SECONDS = 10


@attrs.frozen
class LocalRunSettings:
    """The options of a local run. No broker URL: an embedded broker; no state URL: a file that goes with the run."""

    runtime: str = "process"
    broker_service_url: str | None = None
    web_service_url: str | None = None
    client_auth_plugin: str | None = None
    client_auth_params: str | None = attrs.field(default=None, repr=False)
    use_tls: bool = False
    tls_allow_insecure: bool = False
    tls_trust_cert_path: str | None = None
    hostname_verification_enabled: bool = False
    instance_id_offset: int = 0
    secrets_provider_class_name: str | None = None
    secrets_provider_config: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    state_storage_service_url: str | None = None


def local_instances(details: FunctionDetails, code: Code, offset: int) -> list[Instance]:
    """Every instance of a function, with the place of its code as a URL."""
    location = PackageLocationMetaData(
        packagePath=package_url(code), originalFileName=code.path.name if code.path else ""
    )
    metadata = FunctionMetaData(functionDetails=details, packageLocation=location, version=0)
    return [Instance(functionMetaData=metadata, instanceId=offset + index) for index in range(details.parallelism)]


def package_url(code: Code) -> str:
    """A local file as a file:// URL, a URL as it is."""
    if code.url:
        return code.url
    if code.path is None:
        raise PulsemillError("localrun needs the code itself: what is built in runs on a worker only")
    return f"file://{quote(str(code.path.resolve()))}"


def worker_config(settings: LocalRunSettings, root: Path, broker_url: str, package: str) -> WorkerConfig:
    """A worker's configuration for one function, everything that it writes under `root`."""
    return WorkerConfig(
        worker_id="localrun",
        worker_hostname="localhost",
        pulsar_service_url=broker_url,
        pulsar_web_service_url=settings.web_service_url or "",
        pulsar_functions_cluster=CLUSTER,
        function_runtime_factory_class_name=settings.runtime,
        function_runtime_factory_configs={"logDirectory": str(root / "logs")} if settings.runtime == "process" else {},
        download_directory=str(root / "download"),
        additional_enabled_functions_url_patterns=(re.escape(package),),
        state_storage_service_url=settings.state_storage_service_url or state_file_url(root / "state.db"),
        instance_liveness_check_freq_ms=HEALTH_CHECK_SECONDS * 1000,
        pulsemill=OwnKeys(packages_directory=str(root / "packages")),
        **_security(settings),
        **_secrets(settings),
    )


def _security(settings: LocalRunSettings) -> dict[str, Any]:
    return {
        "authentication_enabled": settings.use_tls or settings.client_auth_plugin is not None,
        "broker_client_authentication_plugin": settings.client_auth_plugin or "",
        "broker_client_authentication_parameters": settings.client_auth_params or "",
        "use_tls": settings.use_tls,
        "broker_client_trust_certs_file_path": settings.tls_trust_cert_path or "",
        "tls_allow_insecure_connection": settings.tls_allow_insecure,
        "tls_enable_hostname_verification": settings.hostname_verification_enabled,
    }


def _secrets(settings: LocalRunSettings) -> dict[str, Any]:
    if settings.secrets_provider_class_name is None:
        return {}
    return {
        "secrets_provider_configurator_class_name": "name-and-config",
        "secrets_provider_configurator_config": {
            "secretsProviderClassName": settings.secrets_provider_class_name,
            "secretsProviderConfig": dict(settings.secrets_provider_config or {}),
        },
    }
