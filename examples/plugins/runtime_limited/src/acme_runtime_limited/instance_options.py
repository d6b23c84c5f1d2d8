"""The options of `pulsemill-instance`, in a file: a command line is there for every user of the machine to read."""

import configparser
import io
import json
import socket
from pathlib import Path

from google.protobuf.json_format import MessageToJson

from pulsemill.auth import AuthenticationConfig
from pulsemill.runtime import InstanceConfig, RuntimeContext


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def instance_options(
    instance: InstanceConfig, code: Path, log_directory: Path, context: RuntimeContext, ports: tuple[int, int]
) -> dict[str, str]:
    """Everything that one start of an instance needs to know; the ports are its control's and its metrics'."""
    details, secrets = instance.function_details, context.secrets
    provider_config = secrets.get_secrets_provider_config(details)
    return {
        "py": str(code.absolute()),
        "logging_directory": str(log_directory),
        "logging_file": details.name,
        "logging_config_file": "none",
        "instance_id": str(instance.instance_id),
        "function_id": instance.function_id,
        "function_version": instance.function_version,
        "function_details": MessageToJson(details, indent=None),
        "pulsar_serviceurl": context.worker_config.pulsar_service_url,
        "max_buffered_tuples": str(instance.max_buffered_tuples),
        "port": str(ports[0]),
        "metrics_port": str(ports[1]),
        "expected_healthcheck_interval": str(instance.health_check_interval_seconds),
        "secrets_provider": secrets.get_secrets_provider_class_name(details),
        "secrets_provider_config": "" if provider_config is None else json.dumps(dict(provider_config)),
        "cluster_name": instance.cluster_name,
    }


def authentication_options(authentication: AuthenticationConfig | None) -> dict[str, str]:
    """How the instance connects to the broker; nothing without authenticationEnabled."""
    if authentication is None:
        return {}
    return {
        "client_auth_plugin": authentication.client_authentication_plugin,
        "client_auth_params": authentication.client_authentication_parameters,
        "use_tls": str(authentication.use_tls).lower(),
        "tls_allow_insecure_connection": str(authentication.tls_allow_insecure_connection).lower(),
        "hostname_verification_enabled": str(authentication.tls_hostname_verification_enable).lower(),
        "tls_trust_cert_path": authentication.tls_trust_certs_file_path,
    }


def as_file(options: dict[str, str]) -> str:
    """Options as `pulsemill-instance --config_file` reads them."""
    parser = configparser.ConfigParser()
    parser["DEFAULT"] = {name: value.replace("%", "%%") for name, value in options.items() if value}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()
