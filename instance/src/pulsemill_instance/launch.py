"""What the command line means for each part of an instance. Pure conversions."""

import pulsar

from pulsemill_instance.arguments import Arguments
from pulsemill_instance.client import ClientSettings
from pulsemill_instance.dependencies import DependencyRepositories
from pulsemill_instance.packages import PackageOptions
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.spec import InstanceSpec

CLIENT_LEVELS = {
    "notset": pulsar.LoggerLevel.Debug,
    "debug": pulsar.LoggerLevel.Debug,
    "info": pulsar.LoggerLevel.Info,
    "error": pulsar.LoggerLevel.Error,
    "critical": pulsar.LoggerLevel.Error,
    "fatal": pulsar.LoggerLevel.Error,
}


def instance_spec(arguments: Arguments, details: FunctionDetails) -> InstanceSpec:
    """What the engine needs to know."""
    return InstanceSpec(
        function_details=details,
        instance_id=arguments.instance_id,
        function_id=arguments.function_id,
        function_version=arguments.function_version,
        cluster_name=arguments.cluster_name,
        state_storage_service_url=arguments.state_storage_serviceurl,
    )


def client_settings(arguments: Arguments) -> ClientSettings:
    """How to reach the broker."""
    return ClientSettings(
        service_url=arguments.pulsar_serviceurl,
        auth_plugin=arguments.client_auth_plugin,
        auth_params=arguments.client_auth_params,
        use_tls=arguments.use_tls,
        tls_trust_cert_path=arguments.tls_trust_cert_path,
        tls_allow_insecure_connection=arguments.tls_allow_insecure_connection,
        hostname_verification_enabled=arguments.hostname_verification_enabled,
        log_level=CLIENT_LEVELS.get(arguments.logging_level.lower(), pulsar.LoggerLevel.Warn),
    )


def package_options(arguments: Arguments) -> PackageOptions:
    """How to open the package."""
    if not arguments.install_usercode_dependencies:
        return PackageOptions()
    return PackageOptions(
        DependencyRepositories(arguments.dependency_repository, arguments.extra_dependency_repository)
    )
